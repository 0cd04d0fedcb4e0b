"""As much of JSON Schema 2020-12 as `writ inspect --json-schema` uses. A keyword that is not known here is an error."""
import re

ANNOTATIONS = {"$schema", "$defs", "$comment", "title", "description", "default"}
TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: TYPES["number"](value) and value == int(value),
}


def distinct(items):
    return all(items.index(item) == i for i, item in enumerate(items))


# What each keyword says of a value; of a value of another type it says nothing.
KEYWORDS = {
    "type": (object, lambda want, value: TYPES[want](value)),
    "enum": (object, lambda want, value: value in want),
    "pattern": (str, lambda want, value: re.search(want, value) is not None),
    "minLength": (str, lambda want, value: len(value) >= want),
    "maxLength": (str, lambda want, value: len(value) <= want),
    "minimum": ((int, float), lambda want, value: value >= want),
    "maximum": ((int, float), lambda want, value: value <= want),
    "minItems": (list, lambda want, value: len(value) >= want),
    "maxItems": (list, lambda want, value: len(value) <= want),
    "uniqueItems": (list, lambda want, value: distinct(value)),
    "minProperties": (dict, lambda want, value: len(value) >= want),
    "maxProperties": (dict, lambda want, value: len(value) <= want),
    "required": (dict, lambda want, value: set(want) <= set(value)),
}


def takes(root, value, schema=None):
    """Whether the schema takes the value."""
    schema = root if schema is None else schema
    if schema is False:
        return False
    for keyword, want in schema.items():
        if keyword in ANNOTATIONS:
            continue
        if keyword in KEYWORDS:
            applies_to, holds = KEYWORDS[keyword]
            good = not isinstance(value, applies_to) or holds(want, value)
        elif keyword == "anyOf":
            good = any(takes(root, value, each) for each in want)
        elif keyword == "$ref":
            good = takes(root, value, root["$defs"][want.removeprefix("#/$defs/")])
        elif keyword == "items":
            good = not isinstance(value, list) or all(takes(root, item, want) for item in value)
        elif keyword == "propertyNames":
            good = not isinstance(value, dict) or all(takes(root, name, want) for name in value)
        elif keyword == "properties":
            good = not isinstance(value, dict) or all(takes(root, value[name], each) for name, each in want.items()
                                                      if name in value)
        elif keyword == "additionalProperties":
            others = set(value) - set(schema.get("properties", {})) if isinstance(value, dict) else ()
            good = all(takes(root, value[name], want) for name in others)
        else:
            raise AssertionError(f"the keyword {keyword} is not known here")
        if not good:
            return False
    return True
