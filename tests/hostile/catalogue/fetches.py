"""C: certificates that do not count. F: hosts that do not serve one."""
from . import certificates
from .case import Case
from .notary import ACCOUNT, MOMENT, url_at

NUMBERS = {"good": "C-00", "body": "C-01", "key": "C-08", "name": "C-05", "time": "C-06"}
# Of the bodies, and of the good ones, those that are another class.
OTHER_NUMBERS = {
    "C-02": ("two_evil_first", "two_good_first", "two_the_same", "trailing_der_certificate"),
    "C-03": ("begin_line_of_other_kind", "der", "end_line_of_other_kind", "new_label", "pkcs7",
             "private_key", "public_key", "public_key_in_certificate_block", "request",
             "trusted_certificate"),
    "C-04": ("encrypted_headers",),
    "C-07": ("until_this_second",),
    "C-10": ("broken_extension", "critical_name_constraints", "critical_unknown_extension",
             "length_longer_than_needed", "nested_deeply", "signature_algorithms_differ",
             "time_that_is_none", "trailing_der_byte", "truncated_der"),
}
# As an answer these are no certificate at all: F-06 and F-09 have such.
NO_ANSWER = {"body_empty", "body_huge_extension", "body_huge_only_as_text"}
STRANGE = {"good_4096_bits": "signature_format", "good_8192_bits": "signature_format"}

# What the host of the certificate's URL answers with: status, headers, body, and how.
SERVED = {
    "F-01_redirect_301_to_evil_host":
        {"status": 301, "headers": {"Location": "https://evil.test/x.pem"}},
    "F-01_redirect_302_to_http":
        {"status": 302, "headers": {"Location": "http://sns.us-east-1.amazonaws.com/x.pem"}},
    "F-01_redirect_303_to_metadata":
        {"status": 303, "headers": {"Location": "http://169.254.169.254/latest/meta-data/"}},
    "F-01_redirect_307_on_same_host": {"status": 307, "headers": {"Location": "/good.pem"}},
    "F-01_redirect_308_to_file":
        {"status": 308, "headers": {"Location": "file:///etc/ssl/certs/ca-certificates.crt"}},
    "F-01_refresh": {"status": 202, "headers": {"Refresh": "0; url=https://evil.test/"}},
    "F-02_status_403": {"status": 403, "body": "text"},
    "F-02_status_404": {"status": 404, "body": "text"},
    "F-02_status_404_with_certificate": {"status": 404, "body": "certificate"},
    "F-02_status_410": {"status": 410},
    "F-03_status_429": {"status": 429, "headers": {"Retry-After": "1"}},
    "F-03_status_500": {"status": 500, "body": "certificate"},
    "F-03_status_503": {"status": 503, "headers": {"Retry-After": "86400"}},
    "F-05_a_byte_a_second": {"pace": "drip"},
    "F-05_body_never_ends": {"pace": "stall"},
    "F-05_headers_never_end": {"pace": "headers"},
    "F-05_no_answer": {"pace": "silent"},
    "F-06_17_kib": {"body": "17 KiB"},
    "F-06_10_mib": {"body": "10 MiB"},
    "F-06_chunks_without_end": {"body": "chunks"},
    "F-06_headers_without_end": {"body": "headers"},
    "F-06_length_too_long": {"headers": {"Content-Length": "99999"}},
    "F-06_length_negative": {"headers": {"Content-Length": "-1"}},
    "F-09_empty": {"body": "empty"},
    "F-10_status_203": {"status": 203},
    "F-10_status_204": {"status": 204, "body": "empty"},
    "F-10_status_206": {"status": 206, "headers": {"Content-Range": "bytes 0-9/10"}},
    "F-19_no_http": {"body": "noise"},
    "F-19_http_09": {"body": "bare"},
    "F-19_closed_at_once": {"pace": "close"},
}

# Found, with status 200, and no certificate all the same.
BODIES = {
    "F-06_two_lengths": {"headers": {"Content-Length": "20", "content-length": "30"}},
    "F-07_gzip": {"body": "gzip", "headers": {"Content-Encoding": "gzip"}},
    "F-07_gzip_bomb": {"body": "bomb", "headers": {"Content-Encoding": "gzip"}},
    "F-09_html": {"body": "html"},
    "F-09_xml_error": {"body": "xml"},
}

# Regions whose certificate host cannot be talked to.
HOSTS = {
    "F-04_name_unknown": ("ca-central-1", "its name is not known"),
    "F-04_refused": ("sa-east-1", "nobody listens there"),
    "F-04_reset": ("us-west-2", "it hangs up"),
    "F-04_no_answer_to_connect": ("us-west-1", "it does not take the connection"),
    "F-05_no_handshake": ("ap-south-1", "it never begins the handshake"),
    "F-08_tls_expired": ("eu-west-1", "its own certificate has expired"),
    "F-08_tls_old_version": ("eu-central-1", "it speaks TLS 1.0 alone"),
    "F-08_tls_self_signed": ("eu-west-2", "its own certificate signs itself"),
    "F-08_tls_unknown_authority": ("eu-north-1", "nobody knows who signed its own certificate"),
    "F-08_tls_wrong_name": ("eu-west-3", "its own certificate has another name"),
    "F-08_tls_no_tls": ("ap-northeast-1", "it speaks plain HTTP"),
}


def certificate_cases():
    """One for each certificate there is; those of other keys have not signed the message."""
    for name, (_, want) in certificates.cases(certificates.Authority(MOMENT)).items():
        if name in NO_ANSWER:
            continue
        group, kind = name.split("_", 1) if "_" in name else (name, "")
        others = [number for number, kinds in OTHER_NUMBERS.items() if kind in kinds]
        number = others[0] if others else NUMBERS[group]
        reason = STRANGE.get(name, "matched") if want == "good" else want
        yield Case(f"{number}_{name}", f"certificate {name.replace('_', ' ')}", reason,
                   lambda n: n.envelope(url=n.own_url), certificate=name, own_url=True)


def hosts():
    for name, (region, title) in HOSTS.items():
        topic = f"arn:aws:sns:{region}:{ACCOUNT}:ami-updates"
        yield Case(name, f"the certificate's host: {title}", "cert_fetch",
                   lambda n, topic=topic, region=region: n.envelope(
                       TopicArn=topic, url=url_at("f" * 32, region)), served={"host": region},
                   own_url=True)


def cases():
    yield from certificate_cases()
    yield from hosts()
    for table, reason in ((SERVED, "cert_fetch"), (BODIES, "cert_body")):
        for name, served in table.items():
            title = name.split("_", 1)[1].replace("_", " ")
            yield Case(name, f"the certificate's host: {title}", reason,
                       lambda n: n.envelope(url=n.own_url), served=served, own_url=True)
