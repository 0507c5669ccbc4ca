"""E: bodies that are no envelope, or more than one. Text is changed as bytes on the wire are."""
import json

from .case import Case, text_of
from .notary import changed, lambda_form

EVIL_TOPIC = '"TopicArn": "arn:aws:sns:us-east-1:999999999999:evil",\n  "Message"'


def spoiled(old, new):
    """The text of a good envelope with one part of it replaced."""
    def make(notary):
        text = text_of(notary.envelope())
        assert old in text, old
        return text.replace(old, new, 1)
    return make


def member(text):
    """The envelope with one member more, unsigned, in front."""
    return spoiled("{", "{\n  " + text + ",")


def whole(change):
    return lambda notary: change(text_of(notary.envelope()))


def inside(new):
    """Something in the middle of a signed text."""
    return spoiled("Golden image", f"Golden{new}image")


def bytes_inside(new):
    return lambda notary: text_of(notary.envelope()).encode().replace(
        b"Golden image", b"Golden" + new + b"image")


def nested(depth, opening="[", closing="]"):
    return member(f'"deep": {opening * depth}{closing * depth}')


def whole_of_members(count):
    """An unsigned object of so many members."""
    inside = ",".join(f'"{number}": 0' for number in range(count))
    return member(f'"many": {{{inside}}}')


NOT_JSON = {
    "E-01_key_twice": ("TopicArn stands there twice", spoiled('"Message"', EVIL_TOPIC)),
    "E-01_key_twice_escaped": ("the second TopicArn is written with an escape",
                               spoiled('"Message"', EVIL_TOPIC.replace('"T', '"\\u0054'))),
    "E-01_key_twice_same_value": ("Type stands there twice, both times right",
                                  member('"Type": "Notification"')),
    "E-01_key_twice_deep": ("a key stands twice in an object that is not signed",
                            member('"x": {"a": {"b": 1, "b": 2}}')),
    "E-02_nul_after_end": ("a NUL follows", whole(lambda text: text + "\0")),
    "E-02_nul_escaped_in_key": ("an escaped NUL in a key", spoiled('"Type"', '"Type\\u0000"')),
    "E-02_nul_escaped_in_value": ("an escaped NUL in Subject", inside("\\u0000")),
    "E-02_nul_in_value": ("a NUL in Subject", inside("\0")),
    "E-05_byte_order_mark": ("a byte order mark", whole(lambda text: "\ufeff" + text)),
    "E-05_comment": ("a comment before it", whole(lambda text: "// an envelope\n" + text)),
    "E-05_comment_inside": ("a comment inside", spoiled("{", "{ /* x */")),
    "E-05_hash_comment": ("a comment as in YAML", spoiled("{", "{ # x\n")),
    "E-05_nan": ("NaN", member('"n": NaN')),
    "E-05_infinity": ("Infinity", member('"n": -Infinity')),
    "E-05_single_quotes": ("single quotes", whole(lambda text: text.replace('"', "'"))),
    "E-05_no_quotes": ("keys without quotes", spoiled('"Type"', "Type")),
    "E-05_text_after_end": ("a letter follows", whole(lambda text: text + "x")),
    "E-05_trailing_comma": ("a comma before the end", spoiled("\n}", ",\n}")),
    "E-05_leading_comma": ("a comma at the beginning", spoiled("{", "{,")),
    "E-05_no_comma": ("no comma between members",
                      spoiled('"Notification",', '"Notification"')),
    "E-05_colon_missing": ("no colon", spoiled('"Type":', '"Type"')),
    "E-05_two_documents": ("two envelopes", whole(lambda text: text + text)),
    "E-05_two_documents_by_line": ("two envelopes, a line each", lambda notary: "\n".join(
        [json.dumps(notary.envelope())] * 2)),
    "E-05_truncated": ("its end is missing", whole(lambda text: text[:-3])),
    "E-05_truncated_in_escape": ("it ends in an escape", whole(
        lambda text: text[:text.index("Golden")] + "\\u00")),
    "E-05_gzip": ("compressed", lambda notary: "\x1f\x8b\x08\x00" + "A" * 60),
    "E-05_base64": ("in base64", lambda notary: "eyJUeXBlIjoiTm90aWZpY2F0aW9uIn0="),
    "E-05_yaml": ("YAML", lambda notary: f"Type: Notification\nMessageId: {notary.id}\n"),
    "E-05_xml": ("XML", lambda notary: "<Type>Notification</Type>\n"),
    "E-06_array": ("in an array", whole(lambda text: f"[{text}]")),
    "E-06_false": ("false", lambda notary: "false"),
    "E-06_null": ("null", lambda notary: "null"),
    "E-06_number": ("a number", lambda notary: "1"),
    "E-06_string": ("a string", lambda notary: '"Notification"'),
    "E-06_string_of_envelope": ("the envelope as a string",
                                whole(json.dumps)),
    "E-06_spaces": ("spaces", lambda notary: "  \n"),
    "E-07_depth_33": ("an array 33 levels deep", nested(33)),
    "E-07_depth_100000": ("an array 100,000 levels deep", nested(100000)),
    "E-07_depth_2048": ("an array 2,048 levels deep", nested(2048)),
    "E-07_depth_2049": ("an array 2,049 levels deep", nested(2049)),
    "E-07_depth_of_objects": ("objects 100 levels deep", nested(100, '{"x":', "1}"[1:])),
    "E-07_depth_not_closed": ("an array that only opens", member('"deep": ' + "[" * 5000)),
    "E-09_many_members": ("40,000 members", member(
        ",".join(f'"key{number}":0' for number in range(40000)))),
    "E-09_many_values": ("an array of 100,000 numbers", member(f'"many": [{"0," * 99999}0]')),
    "E-09_members_257": ("one member more than an object may have", whole_of_members(257)),
    "E-11_integer_that_rounds_up": ("2 to the power of 63 less 1, which no double holds",
                                    member('"n": 9223372036854775807')),
    "E-11_number_of_65_characters": ("a number of 65 characters", member(f'"n": 0.{"1" * 63}')),
    "E-11_huge_integer": ("2 to the power of 63", member('"n": 9223372036854775808')),
    "E-11_huge_exponent": ("1e400", member('"n": 1e400')),
    "E-11_long_integer": ("an integer of 10,000 digits", member(f'"n": {"9" * 10000}')),
    "E-11_leading_zero": ("a number with a zero before it", member('"n": 01')),
    "E-11_plus": ("a number with a plus", member('"n": +1')),
    "E-11_hex": ("a number in hex", member('"n": 0x10')),
    "E-11_point_at_end": ("a number that ends in a point", member('"n": 1.')),
    "E-11_point_at_beginning": ("a number that begins with a point", member('"n": .5')),
    "E-11_exponent_empty": ("an exponent without digits", member('"n": 1e')),
    "E-15_half_surrogate": ("one half of a surrogate pair, escaped", inside("\\ud83d")),
    "E-15_half_surrogate_second": ("the second half alone", inside("\\udc27")),
    "E-15_surrogates_swapped": ("both halves, swapped", inside("\\udc27\\ud83d")),
    "E-15_surrogate_then_letter": ("half a pair and a letter", inside("\\ud83dx")),
    "E-15_half_surrogate_in_key": ("half a pair in a key", member('"\\ud83d": 1')),
    "E-15_escape_of_none": ("an escape that there is not", inside("\\x41")),
    "E-15_escape_short": ("an escape of three digits", inside("\\u041")),
    "E-15_escape_not_hex": ("an escape with other letters", inside("\\u00g1")),
    "E-15_line_end_in_string": ("a line end in a string", inside("\n")),
    "E-15_tab_in_string": ("a tab in a string", inside("\t")),
    "E-15_control_in_string": ("a control character in a string", inside("\x01")),
}

NOT_UTF8 = {
    "E-14_byte_ff": ("the byte ff", b"\xff"),
    "E-14_overlong": ("a slash in two bytes", b"\xc0\xaf"),
    "E-14_overlong_nul": ("NUL in two bytes", b"\xc0\x80"),
    "E-14_surrogate": ("half a surrogate pair in three bytes", b"\xed\xa0\xbd"),
    "E-14_beyond": ("a character beyond the last", b"\xf4\x90\x80\x80"),
    "E-14_cut": ("a character cut short", b"\xf0\x9f\x90"),
    "E-14_latin1": ("Latin-1", b"\xe9"),
}


def incomplete():
    def case(name, title, make, word="Type", **more):
        return Case(name, title, "field_missing", make, word=word, **more)

    yield case("E-06_empty_object", "an empty object", lambda notary: "{}")
    yield case("E-14_raw_delivery", "the message without its envelope", lambda notary:
               notary.message)
    yield case("E-08_keys_in_lower_case", "all keys in lower case", lambda notary: {
        name.lower(): value for name, value in notary.envelope().items()})
    yield case("E-08_keys_with_space", "keys that end in a space", lambda notary: {
        f"{name} ": value for name, value in notary.envelope().items()})
    yield case("E-08_inside_another", "the envelope one level down", lambda notary: {
        "Records": [{"Sns": notary.envelope()}]})
    yield case("U-31_lambda_spelling", "SigningCertUrl alone, as a function gets it",
               lambda notary: lambda_form(notary.envelope()), word="SigningCertURL")
    yield case("U-31_queue_spelling_in_lambda", "SigningCertURL where a function is called",
               lambda notary: notary.envelope(), word="SigningCertUrl", form="lambda")


def ambiguous():
    yield Case("U-31_spellings_differ", "both spellings, with different values", "field_format",
               lambda notary: notary.envelope() | {"SigningCertUrl": notary.own_url},
               word="SigningCertUrl")
    yield Case("U-31_spellings_differ_in_case", "both spellings, one in upper case", "field_format",
               lambda notary: notary.envelope() | {"SigningCertUrl": notary.url.upper()},
               word="SigningCertUrl")


def of_other_kind():
    yield Case("U-31_other_spelling_of_other_kind", "the other spelling is a number", "field_type",
               lambda notary: notary.envelope() | {"SigningCertUrl": 1}, word="SigningCertUrl")


def too_big():
    def padded(size):
        return lambda notary: text_of(notary.envelope()).ljust(size)

    yield Case("E-12_one_byte_too_big", "a byte more than a mebibyte", "too_big",
               padded(1024 * 1024 + 1), word="1048577")


def cases():
    for name, (title, make) in NOT_JSON.items():
        yield Case(name, title, "json", make)
    yield Case("E-06_empty", "nothing at all", "json", lambda notary: "")
    for name, (title, data) in NOT_UTF8.items():
        yield Case(name, f"no UTF-8: {title}", "json", bytes_inside(data))
    yield from incomplete()
    yield from ambiguous()
    yield from of_other_kind()
    yield from too_big()
    yield Case("E-03_type_in_lower_case_alone", "Type is missing, type is there", "field_missing",
               lambda notary: changed(notary.envelope(), Type=None) | {"type": "Notification"},
               word="Type")
