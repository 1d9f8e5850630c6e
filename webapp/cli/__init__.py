"""The command line, `minyi`."""


def main() -> None: ...
