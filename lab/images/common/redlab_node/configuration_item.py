"""What identifies a configuration item in every store, and what it may say. Pure."""

import re
from collections.abc import Mapping

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def identity_mistake(item_type: object, name: object) -> str:
    """Return why these are no type and name of an item; '' when they are."""
    if not isinstance(item_type, str) or not _TYPE.fullmatch(item_type):
        return f"type {item_type!r}: a lower-case word of at most 32 letters, digits and underscores"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f"name {name!r}: 1 to 200 characters in one line"
    return ""


def attributes_mistake(attributes: object, *, may_be_deleted: bool = False) -> str:
    """Return why these are no attributes; '' when they are. None: the item is deleted."""
    if isinstance(attributes, Mapping) or (attributes is None and may_be_deleted):
        return ""
    return f"attributes {attributes!r}: a JSON object"
