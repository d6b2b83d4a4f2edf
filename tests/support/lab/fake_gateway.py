"""A gateway that acknowledges everything and stores nothing: what the tests of the load balancer balance over."""

import asyncio
import os

NODE = os.environ["REDLAB_NODE"]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
            await reader.readexactly(int(headers.get("content-length", "0")))
            method, path = head.split(" ")[:2]
            print(method, path, flush=True)  # noqa: T201 - the tests count what a gateway was sent
            if path == "/hang":
                await asyncio.Event().wait()
            if path == "/slow":
                await asyncio.sleep(0.6)
            body = f"{NODE}\n".encode()
            told = f"X-Redlab-Node: {NODE}\r\nX-Seen-Client: {headers.get('x-forwarded-for', '')}\r\n"
            answer = f"HTTP/1.1 200 OK\r\n{told}Content-Length: {len(body)}\r\n\r\n"
            writer.write(answer.encode() + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    """Listen on the ports of a gateway."""
    await asyncio.gather(*[asyncio.start_server(serve, "0.0.0.0", port) for port in (8080, 8081, 8082)])  # noqa: S104
    await asyncio.Event().wait()


asyncio.run(main())
