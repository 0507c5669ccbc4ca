"""Amazon EC2, as far as its images go: DescribeImages.

What is announced is registered, too: available, and owned by the account of the topic.
Source: the EC2 API reference, 2016-11-15, DescribeImages: its filters and their wildcards.
"""

from __future__ import annotations

import fnmatch
import re
import time
from collections.abc import Iterable
from typing import Any

from .errors import AwsError
from .service import AwsCall, page

ALIASES = {"137112412989": "amazon", "801119661308": "amazon", "591542846629": "amazon"}
_FILTERS = {
    "name": "Name", "image-id": "ImageId", "architecture": "Architecture", "state": "State",
    "virtualization-type": "VirtualizationType", "root-device-type": "RootDeviceType",
    "owner-id": "OwnerId", "owner-alias": "ImageOwnerAlias", "platform": "Platform",
}
_MONTH, _DAY = r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"  # an execution's id is in a name, too
_DATE = re.compile(rf"(20\d\d){_MONTH}{_DAY}|(20\d\d)[.-]{_MONTH}[.-]{_DAY}")


def architecture_of(name: str) -> str:
    """What an image's name says of its architecture."""
    return "arm64" if "arm64" in name or "aarch64" in name else "x86_64"


def created_by(name: str) -> str:
    """A creation date that follows from the date in the name; now without one."""
    found = _DATE.search(name)
    day = "-".join(part for part in found.groups() if part) if found else time.strftime("%Y-%m-%d")
    return f"{day}T00:00:00.000Z"


class Ec2:
    """The images of every region."""

    def __init__(self) -> None:
        self._images: dict[tuple[str, str], dict[str, Any]] = {}
        self._shared: dict[tuple[str, str], set[str]] = {}

    def clear(self) -> None:
        self._images, self._shared = {}, {}

    def register(self, region: str, image_id: str, name: str, owner: str,
                 shared_with: Iterable[str] = (), **given: Any) -> None:
        """An image; members of AWS's description that are given here replace the usual ones.

        One that is not Public is seen by its owner and by the accounts that it is shared with.
        """
        image = {"ImageId": image_id, "Name": name, "OwnerId": owner, "State": "available",
                 "Architecture": architecture_of(name), "VirtualizationType": "hvm",
                 "RootDeviceType": "ebs", "CreationDate": created_by(name), "Public": True,
                 "ImageType": "machine", **given}
        if owner in ALIASES:
            image.setdefault("ImageOwnerAlias", ALIASES[owner])
        self._images[region, image_id] = image
        self._shared[region, image_id] = {owner, *shared_with}

    def change(self, region: str, image_id: str, **given: Any) -> None:
        """What becomes of an image; a State of None deregisters it."""
        if given.get("State", "") is None:
            del self._images[region, image_id]
        else:
            self._images[region, image_id].update(given)

    def describe_images(self, call: AwsCall) -> dict[str, Any]:
        params = call.params
        wanted = params.get("ImageIds", [])
        for image_id in wanted:
            if not self._sees(call, image_id):
                raise AwsError("InvalidAMIID.NotFound",
                               f"The image id '[{image_id}]' does not exist")
        found = [image for (region, image_id), image in sorted(self._images.items())
                 if region == call.region and (not wanted or image_id in wanted)
                 and self._sees(call, image_id)
                 and _owned(image, params.get("Owners", []), call.account)
                 and all(_passes(image, each) for each in params.get("Filters", []))]
        shown, more = page(found, params.get("NextToken"), params.get("MaxResults", 1000),
                           "InvalidNextToken")
        return {"Images": shown, **({"NextToken": more} if more else {})}

    def _sees(self, call: AwsCall, image_id: str) -> bool:
        """Is there such an image in the region, for the caller's account?"""
        image = self._images.get((call.region, image_id))
        return image is not None and (
            image["Public"] or call.account in self._shared[call.region, image_id])


def _owned(image: dict[str, Any], owners: list[str], account: str) -> bool:
    names = {image["OwnerId"], image.get("ImageOwnerAlias"),
             "self" if image["OwnerId"] == account else None}
    return not owners or bool(names & set(owners))


def _passes(image: dict[str, Any], given: dict[str, Any]) -> bool:
    """Does the image pass one filter?  Values may hold * and ?, and one of them is enough."""
    member = _FILTERS.get(given["Name"])
    if member is None:
        raise AwsError("InvalidParameterValue", f"The filter '{given['Name']}' is invalid")
    value = image.get(member)
    return value is not None and any(_like(value, pattern) for pattern in given["Values"])


def _like(value: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))
