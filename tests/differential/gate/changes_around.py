"""Around a message: who is listened to, what the clock says, which certificate is served."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.hostile.catalogue import certificates

from . import originals, signers
from .originals import AUTHORITY, DAY_S, Draft

CATALOGUE = [text if isinstance(text, bytes) else text.encode()
             for text, _ in certificates.cases(AUTHORITY).values()]
ARNS = ("arn:aws:sns:us-east-1:111122223333:x", "arn:aws:sns:xx-nowhere-1:111122223333:x",
        "arn:aws:sns:cn-north-1:111122223333:x", "arn:aws-cn:sns:us-east-1:111122223333:x",
        "arn:aws-new:sns:us-east-1:111122223333:x", "arn:aws:sns:us-gov-east-1:111122223333:x",
        "arn:aws:sns:us-east-1:11112222333:x", "arn:aws:sns:us-east-1:111122223333:",
        "arn:aws:sns:us-east-1:111122223333:x.fifo.fifo", "arn:aws:sqs:us-east-1:111122223333:x",
        "arn:aws:sns:us-east:111122223333:x", "arn:aws:sns:us-east-111:111122223333:x",
        "arn:aws:sns:us-1:111122223333:x", "arn:aws:sns:US-EAST-1:111122223333:x",
        "arn:aws:sns:us-east-1:111122223333:x:y", "arn:awsx:sns:us-east-1:111122223333:x",
        "arn:aws:sns:us--east-1:111122223333:x", "arn:aws:sns:us-east-1:111122223333:.fifo",
        f"arn:aws:sns:us-east-1:111122223333:{'x' * 257}",
        f"arn:aws:sns:us-{'x' * 30}-1:111122223333:x")


def listen_to(draft: Draft, some: Random) -> None:
    """The message's topic and the one that is allowed, to something odd; it is signed so."""
    arn = some.choice(ARNS)
    draft.fields["TopicArn"] = arn
    draft.topics.append((arn, "any"))
    originals.sign(draft)
    if (found := signers.parts(arn)) and (whole := signers.signer(*found)):
        draft.fields[draft.url_key] = f"https://{whole[0]}/SimpleNotificationService-{'a' * 32}.pem"
        draft.pem = originals.pem_of(whole[1])


def listen_elsewhere(draft: Draft, some: Random) -> None:
    arn = draft.topics[0][0]
    draft.topics = [(some.choice((f"{arn}x", arn[:-1], arn.upper(), "*", "", f"{arn}\n")), "any")]


def want_version(draft: Draft, some: Random) -> None:
    draft.topics[0] = (draft.topics[0][0], some.choice("12"))


def in_the_other_form(draft: Draft, some: Random) -> None:
    draft.is_lambda = not draft.is_lambda


def other_clock(draft: Draft, some: Random) -> None:
    draft.now_ms += some.choice((-1, 1)) * some.choice((1, 900_000, 900_001, 15 * DAY_S * 1000,
                                                        400 * DAY_S * 1000))


def other_age(draft: Draft, some: Random) -> None:
    draft.max_age_s = some.choice((1, 9, 10, 3600, DAY_S, 400 * DAY_S))


# The certificate.

def of_the_catalogue(draft: Draft, some: Random) -> None:
    draft.pem = some.choice(CATALOGUE)


def of_another_region(draft: Draft, some: Random) -> None:
    region, partition = some.choice(originals.REGIONS)
    draft.pem = originals.pem_of(signers.signer(partition, region)[1])


def with_odd_dates(draft: Draft, some: Random) -> None:
    second = timedelta(seconds=1)
    at = draft.moment.replace(microsecond=0)
    begin, end = some.choice(((at, None), (at + second, None), (None, at), (None, at - second),
                              (at, at), (at - timedelta(days=9000), at + timedelta(days=9000))))
    draft.pem = _pem(AUTHORITY.certificate(_name(draft), begin=begin, end=end))


def with_odd_names(draft: Draft, some: Random) -> None:
    name = _name(draft)
    others = ["x.test", name.upper(), f"*.{name.partition('.')[2]}", f"{name}.", f"x.{name}",
              name, x509.RFC822Name(f"a@{name}"), x509.UniformResourceIdentifier(f"https://{name}")]
    names = some.sample(others, some.randrange(4))
    draft.pem = _pem(AUTHORITY.certificate(some.choice((name, "x.test")), names=names,
                                           cn=some.random() < .7))


def with_odd_rights(draft: Draft, some: Random) -> None:
    """Is it a CA's? It can be said in two ways."""
    extra = [(x509.BasicConstraints(True, some.choice((None, 0))), True)] * (some.random() < .5)
    draft.pem = _pem(_bare(_name(draft), [
        *extra, *[(certificates.usage_of(some.random() < .5), True)] * (some.random() < .7),
        *[(certificates.unknown(8), some.random() < .3)] * (some.random() < .5)]))


def _bare(name: str, extra: list[tuple[x509.ExtensionType, bool]]) -> x509.Certificate:
    subject = certificates.distinguished(name)
    builder = x509.CertificateBuilder(subject, subject, certificates.key("signer").public_key(), 7,
                                      AUTHORITY.begin, AUTHORITY.end)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    return builder.sign(certificates.key("ca"), hashes.SHA256())


def with_odd_lines(draft: Draft, some: Random) -> None:
    """The same bytes between other line ends, or in other lines."""
    lines = draft.pem.decode(errors="replace").split("\n")
    body = "".join(lines[1:-2])
    size = some.choice((1, 4, 63, 64, 76, 4000))
    again = [body[at:at + size] for at in range(0, len(body), size)]
    end = some.choice(("\n", "\r\n", "\r", "\n\n", " \n", "\r\r\n"))
    last = some.choice(("", "\n", "\r\n", "\r", "\n\n", " ", "\0", "\n\r"))
    draft.pem = (end.join([lines[0], *again, *lines[-2:-1]]) + last).encode()


def with_odd_text(draft: Draft, some: Random) -> None:
    at = some.randrange(len(draft.pem) + 1)
    more = some.choice((b"", b"A", b"=", b"\n", b"\r\n", b" ", b"-", b"\0", b"\xff", draft.pem))
    draft.pem = draft.pem[:at] + more + draft.pem[at + some.choice((0, 1, 1, 64)):]


def with_odd_bytes(draft: Draft, some: Random) -> None:
    """A bit of the key is another, which only the signature shows, or one of whatever."""
    data = bytearray(certificates.der(x509.load_pem_x509_certificate(originals.pem_of(
        _name(draft)))))
    modulus = certificates.key("signer").public_key().public_numbers().n.to_bytes(256, "big")
    at = some.choice((data.index(modulus) + some.randrange(1, 255), some.randrange(len(data))))
    data[at] ^= 1 << some.randrange(8)
    draft.pem = certificates.pem(bytes(data)).encode()


def _name(draft: Draft) -> str:
    return (signers.signer(*draft.place) or ("", certificates.NAME))[1]


def _pem(made: x509.Certificate) -> bytes:
    return certificates.pem(made).encode()


AROUND: tuple[Callable[[Draft, Random], None], ...] = (
    listen_to, listen_to, listen_elsewhere, want_version, in_the_other_form, other_clock,
    other_age)
CERTIFICATES: tuple[Callable[[Draft, Random], None], ...] = (
    of_the_catalogue, of_the_catalogue, of_another_region, with_odd_dates, with_odd_names,
    with_odd_rights, with_odd_lines, with_odd_text, with_odd_bytes)
