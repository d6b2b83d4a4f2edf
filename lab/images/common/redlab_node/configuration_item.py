"""The identity and the attributes of a configuration item, as every store demands them. Pure."""

import re
from collections.abc import Mapping

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def identity_mistake(item_type: object, name: object) -> str:
    """Return what is wrong with an item's type and name; '' if nothing is."""
    if not isinstance(item_type, str) or not _TYPE.fullmatch(item_type):
        return f"type {item_type!r}: a lower-case word of at most 32 letters, digits and underscores"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f"name {name!r}: 1 to 200 characters in one line"
    return ""


def attributes_mistake(attributes: object, *, may_be_deleted: bool = False) -> str:
    """Return what is wrong with an item's attributes; '' if nothing is. None means that the item is deleted."""
    if isinstance(attributes, Mapping) or (attributes is None and may_be_deleted):
        return ""
    return f"attributes {attributes!r}: a JSON object"
