"""Tracking codes and serial numbers, as they are compared: scanners and people type them differently."""


def folded(code: str) -> str:
    """The code without its case and the blanks around it: ``folded(" sn-1 ")`` is ``SN-1``."""
    return code.strip().upper()


def same(one: str | None, other: str | None) -> bool:
    """Whether both are the same code; None is nobody's."""
    return one is not None and other is not None and folded(one) == folded(other)
