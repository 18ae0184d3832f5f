"""Load a profile: the backend, weights and options of each role, for a machine of one size.

A profile comes with Komadori or is a TOML file of the user. No backend is loaded here: whether a backend accepts an
option is checked in `tools.backends`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from storage.domain import Shape
from storage.errors import SettingsError
from storage.profiles import licences, presets
from storage.profiles.licences import ModelLicence, known_models
from storage.profiles.names import parse_model_name, split_strength
from storage.settings import Backends, Options, Settings

BUILT_IN = ("cpu", "8gb", "12gb", "16gb", "24gb", "48gb", "80gb")
ROLES = ("clean", "redraw", "color", "locate", "outpaint", "upscale", "animate", "layers", "likeness", "composite")
VOICE = "speak"
"""The table of what speaks: its model, if it has one, is a server's, and no matter of the licences known here."""
_TABLES = (*ROLES, VOICE)
_HEAD_KEYS = ("about", "memory", "ram", "accepts")
_HERE = Path(__file__).parent
_NOT_OPTIONS = ("backend", "licence", "accepted", "rest")
_HEADER = re.compile(r"""\s*\[\s*["']?([^\]"']+?)["']?\s*\]""")
_KEY = re.compile(r"""\s*["']?([^="']+?)["']?\s*=""")


class Role(Shape):
    """One table of a profile: the backend of a role, its model, and how the model is run.

    Fields that are None leave the choice to the backend.
    """

    backend: str = Field(min_length=1)
    model: str | None = None
    """A name on the hub or a folder, as `storage.profiles.names` describes."""
    revision: str | None = None
    """The commit of the model."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] | None = None
    steps: int | None = Field(default=None, ge=1, le=200)
    """The number of denoising steps."""
    megapixels: float | None = Field(default=None, gt=0, le=16)
    """The size at which the model works, in millions of pixels."""
    offload: Literal["none", "model", "group"] | None = None
    """What is moved from the GPU to main memory while it is not used."""
    cache: Literal["none", "first_block", "pyramid", "taylor"] | None = None
    """How intermediate results of the denoiser are reused from step to step."""
    lora: str | list[str] | None = None
    """LoRAs, named as `storage.profiles.names` describes."""
    licence: str = ""
    accepted: bool = False
    """Whether the user accepted a licence that is not free for every use."""
    rest: Options = Field(default_factory=dict)
    """Options that only this backend has."""

    @property
    def options(self) -> Options:
        """Return the keyword arguments for the backend: only those that the profile gives."""
        given = {name: value for name, value in self if name not in _NOT_OPTIONS and value is not None}
        return {**given, **self.rest}


class Profile(Shape):
    """How a film is made on a machine of one size."""

    name: str
    about: str = ""
    memory: float = Field(default=0, ge=0)
    """GiB of GPU memory."""
    ram: float = Field(default=0, ge=0)
    """GiB of main memory, where weights wait while they are not used."""
    accepts: tuple[str, ...] = ()
    """Models whose licences the user accepted for use by a single shot or a script."""
    roles: dict[str, Role] = Field(default_factory=dict)
    text: str = Field(default="", repr=False)
    """The TOML that it was read from."""

    def apply_to(self, settings: Settings) -> Settings:
        """Return `settings` with the backends of this profile in every role; it may leave open who speaks.

        Options of another profile's backends are removed.
        """
        drawing = {name: role for name, role in self.roles.items() if name != VOICE}
        chosen = {name: role.backend for name, role in drawing.items()}
        # a profile speaks for these roles alone: who reads the pages stays as it was
        backends = Backends(transcribe=settings.backends.transcribe, **chosen)
        replaced = {*ROLES, *self.roles}
        others = {key: values for key, values in settings.options.items() if key.partition(".")[0] not in replaced}
        own = {f"{name}.{role.backend}": role.options for name, role in self.roles.items() if role.options}
        models = {model for role in drawing.values() for _, model in licences.models_used(role.backend, role.options)}
        restricted = [name for name in models if not known_models().get(name, ModelLicence()).is_free]
        changes = {
            "profile": self.name, "backends": backends, "options": {**others, **own},
            "accepted": (*self.accepts, *sorted({*restricted} - {*self.accepts})),
            "voice": self.roles[VOICE].backend if VOICE in self.roles else settings.voice,
        }  # fmt: skip
        return settings.model_copy(update=changes)

    def error_at(self, role: str, key: str, words: str) -> SettingsError:
        """Return a SettingsError about a key of this profile, with its line."""
        place = f"line {line_of_key(self.text, role, key)}: " if self.text else ""
        qualified_key = ".".join(part for part in (role, key) if part)
        return SettingsError(
            f"{self.name}: {place}{qualified_key}: {words}",
            "correct it there; docs/drawing.md tells what a profile holds",
        )


def load_profile(name: str) -> Profile:
    """Load a built-in profile by name, or a TOML file of the user.

    Raises:
        SettingsError: There is no such profile, it is not valid (the message names the line), or a model in it has a
            licence that is not free for every use and was not accepted.
    """
    path = _HERE / f"{name}.toml" if name in BUILT_IN else Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
        tables = tomllib.loads(text)
    except OSError as error:
        if not name.endswith(".toml"):
            choice = ", ".join(BUILT_IN)
            raise SettingsError(f"there is no profile {name}", f"choose {choice}, or a .toml file") from None
        raise SettingsError(f"{name} cannot be read: {error.strerror}", "name a profile that is there") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name} is not text in UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is no TOML: {error}", "correct it there") from None
    profile = _parse_profile(name, text, tables)
    return profile.model_copy(update={"roles": {key: _with_licence(profile, key) for key in profile.roles}})


def line_of_key(text: str, table: str, key: str = "") -> int:
    """Return the line, from 1, of `key` in `[table]` of a TOML text.

    If the key is missing, it is the line of the table; if the table is missing too, it is 1.
    """
    current_table, place = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            current_table = header[1]
            place = number if current_table == table else place
        elif current_table == table and (match := _KEY.match(line)) and match[1] == key:
            return number
    return place


def _parse_profile(name: str, text: str, tables: dict[str, object]) -> Profile:
    draft = Profile(name=name, text=text)
    for key, value in tables.items():
        if key not in (*_TABLES, *_HEAD_KEYS):
            table, inner = (key, "") if isinstance(value, dict) else ("", key)
            raise draft.error_at(table, inner, f"nothing is known of this; the tables are {', '.join(_TABLES)}")
    roles = {key: _parse_role(draft, key, tables[key]) for key in _TABLES if key in tables}
    try:
        head = {key: tables[key] for key in _HEAD_KEYS if key in tables}
        profile = Profile.model_validate({"name": name, "text": text, **head, "roles": roles})
    except ValidationError as error:
        fault = error.errors()[0]
        raise draft.error_at("", str(fault["loc"][0]), fault["msg"]) from None
    # a licence is a model's, whatever its commit
    return profile.model_copy(
        update={"accepts": tuple(parse_model_name(split_strength(model)[0]).model for model in profile.accepts)}
    )


def _parse_role(profile: Profile, name: str, table: object) -> Role:
    if not isinstance(table, dict):
        raise profile.error_at("", name, "this is a table: write [" + name + "]")
    table = _with_preset(profile, name, table)
    own = {key: value for key, value in table.items() if key in Role.model_fields and key != "rest"}
    rest = {key: value for key, value in table.items() if key not in own}
    for key, value in rest.items():
        if not isinstance(value, str | int | float | bool) and not _is_list_of_texts(value):
            raise profile.error_at(name, key, "an option is a text, a list of texts, a number, true or false")
    try:
        return Role.model_validate({**own, "rest": rest}, strict=False)
    except ValidationError as error:
        fault = error.errors()[0]
        raise profile.error_at(name, str(fault["loc"][0]), fault["msg"]) from None


def _with_preset(profile: Profile, role: str, table: dict[str, object]) -> dict[str, object]:
    """Return a table of a profile with the options of the preset that it names, where it does not give its own."""
    if (preset := table.get("preset")) is None:
        return table
    known = presets.preset_names(str(table.get("backend")))
    if preset not in known:
        choice = ", ".join(known) or "none"
        raise profile.error_at(role, "preset", f"this backend has no preset {preset}; its presets are: {choice}")
    given = {key: value for key, value in table.items() if key != "preset"}
    return {**presets.preset_options(str(preset)), **given}


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _with_licence(profile: Profile, name: str) -> Role:
    """Return the role with its model and licence filled in.

    Raises:
        SettingsError: The licence is not accepted.
    """
    role = profile.roles[name]
    if name == VOICE:
        return role
    models = licences.models_used(role.backend, role.options)
    for option, model in models:
        _check_licence(profile, name, option, model)
    main = dict(models).get("model")
    if not main:
        return role
    entry = known_models().get(main, ModelLicence(licence=role.licence))
    return role.model_copy(update={"model": role.model or main, "licence": entry.licence})


def _check_licence(profile: Profile, name: str, option: str, model: str) -> None:
    """Refuse a model that is not free for every use and not accepted; a role may state the licence of its model."""
    role = profile.roles[name]
    entry = known_models().get(model, ModelLicence(licence=role.licence if option == "model" else ""))
    if entry.is_free or model in profile.accepts or (role.accepted and (entry.licence or option != "model")):
        return
    if not entry.licence:
        hint = (
            "say it, licence = ..." if option == "model" else f'read it, then write accepts = ["{model}"] at the head'
        )
        raise profile.error_at(name, option, f"the licence of {model} is not known here: {hint}")
    raise SettingsError(
        f"{profile.name}: line {line_of_key(profile.text, name, option)}: "
        f"{model} is under {entry.licence}, which is not free for every use",
        f"read it, and if you keep to it write accepted = true into [{name}]",
    )
