"""The error of a set-up that needs the user's action before it can continue."""


class SetupError(Exception):
    """Something is missing that this program cannot install or may not install.

    `what` describes the machine's state in one sentence; `remedy` tells what to install or start, and how.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}\n{remedy.strip()}".replace("\n", "\n  "))
        self.what = what
        self.remedy = remedy
