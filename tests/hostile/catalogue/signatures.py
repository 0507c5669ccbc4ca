"""S: signatures that are wrong, and those that are right over something else."""
import base64
import unicodedata

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .case import Case
from .notary import SUBJECT, changed, sign


def after(change, **signed):
    """Changes a member of an envelope that was signed with these."""
    return lambda notary: changed(notary.envelope(**signed), **change(notary))


def signature_of(change):
    """Changes the bytes of a signature."""
    def make(notary):
        whole = notary.envelope()
        data = change(base64.b64decode(whole["Signature"]))
        return whole | {"Signature": base64.b64encode(data).decode()}
    return make


def written(change):
    """Changes the text of a signature."""
    return lambda notary: (lambda whole: whole | {"Signature": change(whole["Signature"])})(
        notary.envelope())


def signed_again(**how):
    """The right key, the wrong way."""
    return lambda notary: (lambda whole: whole | {"Signature": sign(
        changed(whole, Signature=None), **how)})(notary.envelope())


def flipped(byte):
    return signature_of(lambda data: data[:byte] + bytes([data[byte] ^ 1]) + data[byte + 1:])


def looks_signed(notary):
    return f"x\nMessageId\n{notary.other_id}\nSubject\ny"


def taken_apart(notary):
    """The signed text is the same; what looked like fields in Message are fields now."""
    whole = notary.envelope(Message=looks_signed(notary), Subject=None)
    return changed(whole, Message="x", MessageId=notary.other_id,
                   Subject=f"y\nMessageId\n{notary.id}")


def folded_time(notary):
    """MessageId swallows Subject and Timestamp."""
    whole = notary.envelope()
    return changed(whole, Subject=None,
                   MessageId=f"{notary.id}\nSubject\n{SUBJECT}\nTimestamp\n{notary.time}")


MISMATCH = {
    "S-01_message_changed": ("a digit of Message", after(
        lambda n: {"Message": n.message.replace("2026.8.18", "2026.8.19")})),
    "S-01_message_space_added": ("a space after Message", after(
        lambda n: {"Message": n.message + " "})),
    "S-01_message_written_again": ("the same JSON, written without spaces", after(
        lambda n: {"Message": n.message.replace(" ", "")})),
    "S-01_message_id_changed": ("MessageId", after(lambda n: {"MessageId": n.other_id})),
    "S-01_subject_changed": ("a letter of Subject, by one that looks the same", after(
        lambda n: {"Subject": SUBJECT.replace("a", "\u0430")})),
    "S-01_subject_in_upper_case": ("Subject in upper case", after(
        lambda n: {"Subject": SUBJECT.upper()})),
    "S-01_timestamp_changed": ("a millisecond", after(lambda n: {
        "Timestamp": n.before(milliseconds=1)})),
    "S-01_topic_changed": ("TopicArn, to another that is listened to", after(lambda n: {
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:other-updates"})),
    "S-02_subject_removed": ("Subject taken away", after(lambda n: {"Subject": None})),
    "S-02_subject_added": ("Subject put in", after(lambda n: {"Subject": "x"}, Subject=None)),
    "S-02_subject_null": ("Subject made null", lambda n: n.envelope() | {"Subject": None}),
    "S-06_version_1_for_2": ("version 1 for a signature of version 2", after(
        lambda n: {"SignatureVersion": "1"})),
    "S-06_version_2_for_1": ("version 2 for a signature of version 1", after(
        lambda n: {"SignatureVersion": "2"}, SignatureVersion="1")),
    "S-09_all_ones": ("256 bytes ff", signature_of(lambda data: b"\xff" * 256)),
    "S-09_all_zero": ("256 bytes 0", signature_of(lambda data: bytes(256))),
    "S-09_one": ("the number 1", signature_of(lambda data: bytes(255) + b"\1")),
    "S-09_reversed": ("the bytes in reverse", signature_of(lambda data: data[::-1])),
    "S-09_first_bit": ("a bit of the first byte", flipped(0)),
    "S-09_last_bit": ("a bit of the last byte", flipped(255)),
    "S-11_digest_sha512": ("SHA-512", signed_again(digest=hashes.SHA512)),
    "S-11_digest_sha224": ("SHA-224", signed_again(digest=hashes.SHA224)),
    "S-11_digest_sha384": ("SHA-384", signed_again(digest=hashes.SHA384)),
    "S-11_padding_pss": ("PSS without salt", signed_again(scheme=padding.PSS(
        padding.MGF1(hashes.SHA256()), 0))),
    "S-12_other_key": ("another key", lambda n: n.envelope(signer="other")),
    "S-12_key_of_ca": ("the key that signed the certificate", lambda n: n.envelope(signer="ca")),
    "S-13_lf_for_crlf": ("LF for CRLF in Message", after(
        lambda n: {"Message": "a\nb"}, Message="a\r\nb")),
    "S-13_nfc_for_nfd": ("a letter in another normal form", after(
        lambda n: {"Message": "\u00e9"}, Message=unicodedata.normalize("NFD", "\u00e9"))),
    "S-13_line_end_removed": ("the line end after Message", after(
        lambda n: {"Message": "a"}, Message="a\n")),
    "S-13_escape_for_character": ("an escape twice escaped", after(
        lambda n: {"Message": "\\u00e9"}, Message="\u00e9")),
    "S-14_timestamp_rewritten": ("a Timestamp without its milliseconds", after(
        lambda n: {"Timestamp": n.before(milliseconds=123)[:-5] + "Z"})),
    "S-17_of_another_message": ("the signature of another message", lambda n: n.envelope() | {
        "Signature": n.envelope(MessageId=n.other_id)["Signature"]}),
    "S-17_of_a_confirmation": ("the signature of a confirmation", lambda n: n.envelope() | {
        "Signature": n.confirmation("SubscriptionConfirmation")["Signature"]}),
    "S-17_of_the_lambda_form": ("a signature over null as Subject", lambda n: n.envelope(
        Subject=None) | {"Signature": n.envelope(Subject="null")["Signature"]}),
}

FORMAT = {
    "S-09_1_byte": ("one byte", signature_of(lambda data: b"x")),
    "S-09_255_bytes": ("a byte too few", signature_of(lambda data: data[:-1])),
    "S-09_255_bytes_of_zero": ("the first byte, left out", signature_of(lambda data: data[1:])),
    "S-09_257_bytes": ("a byte too many", signature_of(lambda data: data + b"\0")),
    "S-09_257_bytes_zero_first": ("a zero before it", signature_of(lambda data: b"\0" + data)),
    "S-09_512_bytes": ("twice the signature", signature_of(lambda data: data * 2)),
    "S-09_4096_bytes": ("4,096 bytes", signature_of(lambda data: data * 16)),
    "S-10_line_end_after": ("a line end after it", written(lambda text: text + "\n")),
    "S-10_lines": ("in lines of 76", written(lambda text: text[:76] + "\n" + text[76:])),
    "S-10_unpadded": ("without padding", written(lambda text: text.rstrip("="))),
    "S-10_padded_more": ("with more padding", written(lambda text: text + "=")),
    "S-10_url_alphabet": ("the alphabet of URLs", written(lambda text: "-_" + text[2:])),
    "S-10_bits_after_end": ("bits behind the last byte", written(lambda text: text[:-3] + "R==")),
    "S-10_hex": ("in hex", written(lambda text: base64.b64decode(text).hex() + "x")),
    "S-10_space_before": ("a space before it", written(lambda text: " " + text)),
}

FETCHED = {"S-09_1_byte", "S-09_255_bytes", "S-09_255_bytes_of_zero", "S-09_257_bytes",
           "S-09_257_bytes_zero_first", "S-09_512_bytes"}


def resplit():
    """A genuine signature on another envelope: forms are judged first, for it verifies."""
    yield Case("S-03_subject_folded_into_message_id", "Subject moved into MessageId",
               "field_format", after(lambda n: {"MessageId": f"{n.id}\nSubject\n{SUBJECT}",
                                                "Subject": None}), word="MessageId")
    yield Case("S-03_folded_version_1", "the same, signature version 1", "field_format",
               after(lambda n: {"MessageId": f"{n.id}\nSubject\n{SUBJECT}", "Subject": None},
                     SignatureVersion="1"), word="MessageId")
    yield Case("S-03_subject_and_timestamp_folded", "Subject and Timestamp moved into MessageId",
               "field_format", folded_time, word="MessageId")
    yield Case("S-03_message_id_folded_into_message", "MessageId moved into Message",
               "field_missing", after(lambda n: {
                   "Message": f"{n.message}\nMessageId\n{n.id}", "MessageId": None}),
               word="MessageId")
    yield Case("S-04_message_taken_apart", "fields that stood in Message", "field_format",
               taken_apart, word="Subject")
    yield Case("S-04_topic_folded_into_timestamp", "TopicArn moved into Timestamp", "field_missing",
               lambda n: (lambda whole: changed(whole, TopicArn=None, Timestamp=(
                   f"{whole['Timestamp']}\nTopicArn\n{whole['TopicArn']}")))(n.envelope()),
               word="TopicArn")
    yield Case("S-04_type_folded_into_topic", "Type moved into TopicArn", "field_missing",
               lambda n: (lambda whole: changed(whole, Type=None, TopicArn=(
                   f"{whole['TopicArn']}\nType\n{whole['Type']}")))(n.envelope()), word="Type")


def policy():
    """What a topic's entry in trust.topics allows."""
    yield Case("S-08_only_version_2", "version 1 on a topic that allows only 2",
               "signature_version", lambda n: n.envelope(SignatureVersion="1"), signature="2")
    yield Case("S-08_only_version_1", "version 2 on a topic that allows only 1",
               "signature_version", lambda n: n.envelope(), signature="1")
    yield Case("S-08_version_2_allowed", "version 2 on a topic that allows only 2", "matched",
               lambda n: n.envelope(), signature="2")
    yield Case("S-08_version_1_allowed", "version 1 on a topic that allows only 1", "matched",
               lambda n: n.envelope(SignatureVersion="1"), signature="1")
    yield Case("S-08_any_version_allowed", "version 1 on a topic that allows any", "matched",
               lambda n: n.envelope(SignatureVersion="1"), signature="any")


def cases():
    for name, (title, make) in MISMATCH.items():
        yield Case(name, title, "signature_mismatch", make)
    for name, (title, make) in FORMAT.items():
        yield Case(name, title, "signature_format", make, fetched=name in FETCHED)
    for name, value in (("empty_and_signed", ""), ("of_101_characters_signed", "x" * 101),
                        ("with_escape_signed", "a\u001b[31m"), ("with_line_end_signed", "a\nb")):
        yield Case(f"S-02_subject_{name}", f"a genuine Subject {name.replace('_', ' ')}",
                   "field_format", lambda n, value=value: n.envelope(Subject=value),
                   word="Subject")
    yield Case("S-02_subject_emptied", "Subject made empty", "field_format",
               after(lambda n: {"Subject": ""}), word="Subject")
    yield Case("S-12_stranger_at_evil_url", "all consistent, by a stranger at an evil URL",
               "cert_url", lambda n: n.envelope(url=n.url.replace(
                   "amazonaws.com", "amazonaws.com.evil.test"), signer="other"))
    yield from resplit()
    yield from policy()
