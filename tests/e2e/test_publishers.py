"""Others than Amazon Linux announce, and the worker does what their announcements allow."""

from __future__ import annotations

from tests.cloud import releases
from tests.e2e.settings import HOME, family, make_pipelines, token

CORP = "arn:aws:sns:eu-west-1:111122223333:corp-os"
WITHDRAWN = "arn:aws:sns:us-east-1:801119661308:ec2-windows-ami-private"
FREEBSD = "FreeBSD 14.3-STABLE-{}-20251016 UEFI-PREFERRED base {}"
BSD = family("bsd", publisher="freebsd", images="FreeBSD 14.*-STABLE-arm64-* base ZFS",
             architecture="aarch64", pipeline={"variables": {"BASE": "{image_id} {release}"}})
WINDOWS = family("windows", publisher="windows", images="Windows_Server-2022-English-Core-Base-*",
                 architecture="x86_64")
UBUNTU = family("ubuntu", publisher="ubuntu",
                images="ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*")
OWN = {"name": "corp-os", "topic": CORP, "shape": "generic", "owners": ["111122223333"],
       "pointers": {"version": "/release", "regions": "/images", "name": "/name", "id": "/ami"}}


def announce_freebsd(cloud, architecture, filesystem):
    name = FREEBSD.format(architecture, filesystem)
    image_id = releases.image_id("14.3", HOME, name)
    cloud.announce("freebsd", subject="New 14.3-STABLE AMIs", message={"v1": {
        "ReleaseVersion": "14.3-STABLE", "ImageVersion": "stable/14@d3d1ccc0ffee",
        "Regions": {HOME: [{"Name": name, "ImageId": image_id}]}}})
    return image_id


def test_of_all_flavours_of_one_version_the_wanted_one_is_built(cloud, worker):
    make_pipelines(cloud, BSD)
    running = worker(BSD)
    announce_freebsd(cloud, "amd64", "ZFS")
    announce_freebsd(cloud, "arm64", "UFS")
    wanted = announce_freebsd(cloud, "arm64", "ZFS")
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    started, = cloud.executions()
    assert started["variables"] == {"BASE": f"{wanted} 14.3.2025.10.16"}
    assert started["token"] == token(BSD, HOME, wanted)
    assert len(running.log("decided", reason="name_mismatch")) == 2


def test_a_notice_and_a_withdrawal_are_recorded_and_start_nothing(cloud, worker, ledger):
    make_pipelines(cloud, WINDOWS)
    running = worker(WINDOWS)
    cloud.announce("windows", subject="New AMIs dated 2025.10.15 now available",
                   message="Look for them with ‘Get-EC2ImageByName’.\n• Security updates")
    cloud.announce(WITHDRAWN, queue="ami-announcements",
                   message="The AMIs dated 2025.08.13 have been made private.")
    notice = running.wait_log("decided", reason="not_available_yet")
    withdrawal = running.wait_log("decided", reason="quarantined")
    cloud.wait_for(queue={"empty": True})
    assert (notice["outcome"], notice["release"]) == ("held", "2025.10.15")
    assert (withdrawal["outcome"], withdrawal["release"]) == ("held", "2025.08.13")
    assert len(ledger.rows("SELECT * FROM announcements")) == 2
    assert ledger.rows("SELECT * FROM builds") == [] and cloud.executions() == []


def test_an_announcement_of_any_json_is_built(cloud, worker):
    corp = family("corp", publisher="corp-os", images="corp-os-*-x86_64")
    name, image_id = "corp-os-9.10.0-x86_64", "ami-0123456789abcdef0"
    make_pipelines(cloud, corp)
    cloud.image(image_id, region=HOME, name=name, owner="111122223333")
    worker(corp, publishers=[OWN])
    cloud.announce(CORP, queue="ami-announcements", message={
        "release": "9.10.0", "images": {HOME: {"name": name, "ami": image_id}}})
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    assert [each["token"] for each in cloud.executions()] == [token(corp, HOME, image_id)]


def test_who_announces_nothing_does_not_keep_others_from_it(cloud, worker):
    make_pipelines(cloud, UBUNTU, BSD)
    worker(UBUNTU, BSD)
    announce_freebsd(cloud, "arm64", "ZFS")
    cloud.wait_for(slack={"count": 1}, queue={"empty": True})
    assert [each["pipeline"] for each in cloud.executions()] == ["golden-bsd"]
