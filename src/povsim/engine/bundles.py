"""Owns: what the compiler knows of a `compile.Bundle`: a pointer to words, and a load for each field.
Never: is imported where nothing is compiled; what is in a bundle (engine.town)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, register_model, typeof_impl, unbox

from povsim.engine.compile import Bundle


class BundleType(types.Type):
    """The fields of a bundle by name: type, and the word where it begins."""

    def __init__(self, fields: tuple[tuple[str, Any], ...]) -> None:
        self.by_name, at = {}, 0
        for name, kind in fields:
            self.by_name[name] = kind, at
            at += _words(kind)
        super().__init__(name=f"Bundle({', '.join(f'{name}: {kind}' for name, kind in fields)})")


def _words(kind: Any) -> int:
    if isinstance(kind, types.Array):
        return 5 + 2 * int(kind.ndim)
    return sum(map(_words, _members(kind))) if isinstance(kind, types.BaseTuple) else 1


def _members(kind: Any) -> list[Any]:
    """The types of a tuple's members."""
    return list(kind)


Kinds = tuple[tuple[str, Any], ...]
_kinds: dict[tuple[int, ...], tuple[BundleType, tuple[Kinds, ...]]] = {}
_known: dict[tuple[Any, ...], Kinds] = {}


def kinds_of(fields: Mapping[str, Any]) -> Kinds:
    """Names and types of some fields; equal ones are one object."""
    key = tuple((name, _look(value)) for name, value in fields.items())
    if key not in _known:
        _known[key] = tuple((name, numba.typeof(value)) for name, value in fields.items())
    return _known[key]


def _look(value: Any) -> Any:
    """What tells the type of a value, sooner than the compiler says it."""
    if type(value) is np.ndarray and value.dtype.fields is None:
        return value.dtype.char, value.ndim, value.flags.carray
    return type(value) if isinstance(value, (int, float, np.generic)) else numba.typeof(value)


def kind_of(parts: tuple[Kinds, ...]) -> BundleType:
    """The type of a bundle of these parts."""
    key = tuple(map(id, parts))
    if key not in _kinds:
        fields = tuple(field for part in parts for field in part)
        same = [kind for kind, of in _kinds.values() if tuple(field for part in of for field in part) == fields]
        _kinds[key] = same[0] if same else BundleType(fields), parts
    return _kinds[key][0]


@typeof_impl.register(Bundle)
def _typeof(value: Bundle, _: Any) -> Any:
    return value.kind


register_model(BundleType)(models.OpaqueModel)


@unbox(BundleType)
def _taken(_: Any, obj: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(obj, "address")
    pointer = c.builder.inttoptr(c.pyapi.long_as_longlong(number), cgutils.voidptr_t)
    c.pyapi.decref(number)
    return NativeValue(pointer)


@infer_getattr
class _Fields(AttributeTemplate):
    key = BundleType

    def generic_resolve(self, kind: Any, name: str) -> Any:  # type: ignore[override]
        found = kind.by_name.get(name)
        return found and found[0]


@lower_getattr_generic(BundleType)
def _read(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    wanted, at = kind.by_name[name]
    return _load(context, builder, wanted, value, at)


def _load(context: Any, builder: Any, wanted: Any, value: Any, at: int) -> Any:
    """A field, member by member. What array it is never changes, and it is not owned here: its users need not be counted."""
    place = cgutils.pointer_add(builder, value, ir.Constant(ir.IntType(64), 8 * at))
    if isinstance(wanted, types.BaseTuple):
        members = []
        for member in _members(wanted):
            members.append(_load(context, builder, member, value, at))
            at += _words(member)
        return context.make_tuple(builder, wanted, members)
    found = builder.load(builder.bitcast(place, context.get_value_type(wanted).as_pointer()))
    found.set_metadata("invariant.load", builder.module.add_metadata([]))
    if isinstance(wanted, types.Array):
        found = builder.insert_value(found, ir.Constant(found.type.elements[0], None), 0)
    return found
