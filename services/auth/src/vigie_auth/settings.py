"""The settings of auth."""

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from vigie_shared.password_policy import password_problem
from vigie_shared.settings import Settings


class AuthSettings(Settings):
    """What auth needs to know beside what every service does."""

    service: ClassVar[str] = "auth"

    operator_password: SecretStr | None = Field(
        None,
        description="Password of the platform operator `operator`, who is made or updated when auth starts; at least "
        "8 characters. Absent: operators are made with `vigie operator add`",
        examples=["<a long password of your own>"],
    )
    access_minutes: int = Field(
        5, ge=1, le=15, description="How long an access token is good, in minutes", examples=["5"]
    )
    refresh_days: int = Field(
        90,
        ge=1,
        le=365,
        description="After how many days without use a phone has to sign in again",
        examples=["90"],
    )
    console_hours: int = Field(
        12,
        ge=1,
        le=168,
        description="After how many hours without use an administrator or preparer has to sign in again",
        examples=["12"],
    )
    grace_seconds: int = Field(
        10,
        ge=0,
        le=10,
        description="For how many seconds a device that lost the answer to a refresh may ask for it again",
        examples=["10"],
    )

    @field_validator("operator_password")
    @classmethod
    def _good_password(cls, value: SecretStr | None) -> SecretStr | None:
        problem = password_problem(value.get_secret_value()) if value is not None else None
        if problem is not None:
            raise ValueError(problem)
        return value
