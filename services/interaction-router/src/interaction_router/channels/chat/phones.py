"""Phone numbers as people type them."""

import phonenumbers

from careline.problems import InvalidInput


def normalise(typed: str, region: str) -> str:
    """The number in E.164; a number without its country is one of `region`."""
    hint = "Type it with its country, for example +86 138 0013 8000."
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        raise InvalidInput("number", "no phone number", hint) from None
    if not phonenumbers.is_valid_number(number):
        raise InvalidInput("number", "no valid phone number", hint)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
