"""Images, asked for with boto3."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

RELEASE = "2023.9.20251027.0"
NAME = f"al2023-ami-{RELEASE}-kernel-6.1-x86_64"


@pytest.fixture
def ec2(aws):
    return aws("ec2")


def names(found):
    return [image["Name"] for image in found["Images"]]


def test_what_is_announced_is_there(cloud, ec2):
    cloud.announce(release=RELEASE, regions=["eu-west-1"])
    found = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": [NAME]}])
    (image,) = found["Images"]
    assert image["State"] == "available"
    assert (image["OwnerId"], image["ImageOwnerAlias"]) == ("137112412989", "amazon")
    assert image["CreationDate"] == "2025-10-27T00:00:00.000Z"
    assert names(ec2.describe_images(ImageIds=[image["ImageId"]])) == [NAME]


def test_an_announcement_may_come_before_its_images(cloud, ec2):
    cloud.announce(release=RELEASE, images=False)
    assert names(ec2.describe_images()) == []


def test_images_are_of_one_region(cloud, aws):
    cloud.announce(release=RELEASE, regions=["eu-west-1"])
    assert names(aws("ec2", region="us-east-1").describe_images()) == []


@pytest.mark.parametrize("filters, count", [
    ({"name": "al2023-ami-2023.*-kernel-6.1-x86_64"}, 1),
    ({"name": "al2023-ami-2023.*-kernel-6.1*-x86_64"}, 3),
    ({"name": "al2023-ami-2023.?.*-kernel-6.1-x86_6?"}, 1),
    ({"architecture": "arm64"}, 6),
    ({"architecture": "arm64", "state": "pending"}, 0),
    ({"owner-alias": "amazon", "virtualization-type": "hvm", "root-device-type": "ebs"}, 12),
])
def test_filters(cloud, ec2, filters, count):
    cloud.announce(release=RELEASE, regions=["eu-west-1"])
    given = [{"Name": name, "Values": [value]} for name, value in filters.items()]
    assert len(names(ec2.describe_images(Filters=given))) == count


def test_pages(cloud, ec2):
    cloud.announce(release=RELEASE, regions=["eu-west-1"])
    first = ec2.describe_images(MaxResults=5)
    assert len(names(first)) == 5
    rest = list(ec2.get_paginator("describe_images").paginate(PaginationConfig={"PageSize": 5}))
    assert sorted(name for page in rest for name in names(page)) == sorted(
        names(ec2.describe_images()))


def test_images_change_and_go(cloud, ec2):
    cloud.image("ami-0123456789abcdef0", name="own", owner="111122223333")
    assert names(ec2.describe_images(Owners=["self"])) == ["own"]
    cloud.image("ami-0123456789abcdef0", State="pending")
    assert ec2.describe_images(Owners=["self"])["Images"][0]["State"] == "pending"
    cloud.image("ami-0123456789abcdef0", State=None)
    with pytest.raises(ClientError, match="InvalidAMIID.NotFound"):
        ec2.describe_images(ImageIds=["ami-0123456789abcdef0"])


def test_errors_are_ec2s_own(cloud, aws):
    with pytest.raises(ClientError) as refused:
        aws("ec2", key="AKIANOBODY").describe_images()
    assert refused.value.response["Error"]["Code"] == "AuthFailure"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401
