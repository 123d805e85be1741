"""Tracking codes and serial numbers, as they are compared: scanners and people type them differently."""


def folded(code: str) -> str:
    """The code without its case and without blanks: ``folded(" sn 1 ")`` is ``SN1``."""
    return "".join(code.split()).upper()


def same(one: str | None, other: str | None) -> bool:
    """Whether both are the same code; None is nobody's."""
    return one is not None and other is not None and folded(one) == folded(other)
