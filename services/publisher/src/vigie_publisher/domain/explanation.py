"""Which explanations are kept (R14): those of what stands, and of what is about to.

An explanation has the version of the publication that its extraction makes. It may come before its publication or
after it, and is never shown with another.
"""

from vigie_publisher.domain.publication import Version, Void, is_void


def is_kept(void: Void, shown: Version | None, version: Version) -> bool:
    """Whether the explanation of a granted `version` is kept, its scope showing the version `shown`: not one that a
    newer snapshot has overtaken (R12), nor one whose grant is void (R1, R11)."""
    if is_void(version.started_at, void.deleted) or is_void(version.started_at, void.suspended):
        return False
    return shown is None or version >= shown
