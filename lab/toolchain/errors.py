"""What a person has to put right before a set-up can go on."""


class SetupError(Exception):
    """Something is missing that this program must not or cannot get by itself.

    `what` is the state of the machine in one sentence; `remedy` says what to install or start, and how.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}\n{remedy.strip()}".replace("\n", "\n  "))
        self.what = what
        self.remedy = remedy
