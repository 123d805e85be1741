"""How large may be what callers send: bytes of a body. The samples for proxies (``ops/proxy``) bound the same."""

from typing import Final

#: Of a call, and of a partner's webhook.
LARGEST_BODY: Final = 1024 * 1024
#: Of a page's form: a whole order with a note to each line fits in.
LARGEST_FORM: Final = 256 * 1024
