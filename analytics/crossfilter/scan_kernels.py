"""The compiled scan: finds the incidents of a block that pass, and adds them to histograms.

One entry point, `scan`, is compiled once, with a loop for each width of code (1, 2 or 4 bytes), so
nothing is compiled for a request. Columns and tables are passed as addresses; the caller keeps them
alive. Within a block each step is one plain loop over one column, which stays in the first-level
cache; `scan` releases the interpreter's lock.

A histogram's bin is one 64-bit number that packs incidents, arrests and harm, so an incident adds
all three in one addition. `unpack` separates them before they can overflow.

A damaged byte of a mapped file must not lead outside a table: tables of columns of 1 and 2 bytes
have an entry for every such code, `SLACK` bins follow the last one, and a code of 4 bytes above the
last one of its column counts as the last one.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from analytics.compiled_code import may_be_stored

BLOCK_ROWS = 8_192
COUNT_BITS = 18
HARM_SHIFT = 2 * COUNT_BITS
HARM_BITS = 64 - HARM_SHIFT
SLACK = 1 << 16
_MASK = np.uint64((1 << COUNT_BITS) - 1)
_ARREST_SHIFT = np.uint64(COUNT_BITS)
_HARM_SHIFT = np.uint64(HARM_SHIFT)

# Columns of `filters` and `jobs`, which hold one row per clause column and per histogram.
FILTER_ADDRESS, FILTER_WIDTH, FILTER_TABLE, FILTER_SURE, FILTER_KILLS, FILTER_LAST = range(6)
JOB_ADDRESS, JOB_WIDTH, JOB_TABLE, JOB_OFFSET, JOB_NEED, JOB_KIND, JOB_LAST = range(7)
COUNTED, WEIGHED, RUNS = range(3)
"""Kinds of histogram: plain counts, packed measures, packed measures of a column in runs."""

_compiled = nb.njit(
    nogil=True, cache=may_be_stored(__file__), boundscheck=False, error_model="numpy"
)


@intrinsic
def _pointer(_context: Any, address: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(address), generate


@_compiled
def _code(codes, position, last):  # type: ignore[no-untyped-def]
    """Read a code, limited to `last` so that tables have an entry; None means no limit."""
    if last is None:
        return codes[position]
    return min(codes[position], last)


@_compiled
def _keep(codes, last, table, idx, count, dense):  # type: ignore[no-untyped-def]
    """Keep positions whose code has no bit in the table; returns how many."""
    kept = 0
    if dense:
        for position in range(count):
            idx[kept] = position
            kept += table[_code(codes, position, last)] == 0
    else:
        for index in range(count):
            position = idx[index]
            idx[kept] = position
            kept += table[_code(codes, position, last)] == 0
    return kept


@_compiled
def _mark(codes, last, table, idx, fails, count, dense):  # type: ignore[no-untyped-def]
    """Add the bits of each position's code to its failures."""
    if dense:
        for position in range(count):
            fails[position] |= table[_code(codes, position, last)]
    else:
        for index in range(count):
            fails[index] |= table[_code(codes, idx[index], last)]


@_compiled
def _mark_living(codes, last, table, lives, constant, idx, fails, count, dense):  # type: ignore[no-untyped-def]
    """Like `_mark`, but drop positions that no histogram needs anymore; returns how many stay."""
    kept = 0
    if dense:
        for position in range(count):
            failed = fails[position] | table[_code(codes, position, last)]
            idx[kept] = position
            fails[kept] = failed
            kept += lives[failed | constant]
    else:
        for index in range(count):
            position = idx[index]
            failed = fails[index] | table[_code(codes, position, last)]
            idx[kept] = position
            fails[kept] = failed
            kept += lives[failed | constant]
    return kept


@_compiled
def _weigh(codes, last, weights, chosen, values, count, dense):  # type: ignore[no-untyped-def]
    if dense:
        for position in range(count):
            values[position] = weights[_code(codes, position, last)]
    else:
        for index in range(count):
            values[index] = weights[_code(codes, chosen[index], last)]


@_compiled
def _count(codes, last, chosen, bins, count, dense):  # type: ignore[no-untyped-def]
    one = np.uint64(1)
    if dense:
        for position in range(count):
            bins[_code(codes, position, last)] += one
    else:
        for index in range(count):
            bins[_code(codes, chosen[index], last)] += one


@_compiled
def _add(codes, last, values, chosen, bins, count, dense):  # type: ignore[no-untyped-def]
    if dense:
        for position in range(count):
            bins[_code(codes, position, last)] += values[position]
    else:
        for index in range(count):
            bins[_code(codes, chosen[index], last)] += values[index]


@_compiled
def _add_runs(codes, last, values, chosen, bins, count, dense):  # type: ignore[no-untyped-def]
    """Like `_add`, but add the sum of neighbors with equal codes once."""
    if count == 0:
        return
    total = np.uint64(0)
    current = _code(codes, 0 if dense else chosen[0], last)
    for index in range(count):
        code = _code(codes, index if dense else chosen[index], last)
        if code != current:
            bins[current] += total
            total = np.uint64(0)
            current = code
        total += values[index]
    bins[current] += total


@_compiled
def _add_through(codes, last, table, values, chosen, bins, count, dense):  # type: ignore[no-untyped-def]
    """Like `_add`, into the code's bin in a table."""
    if dense:
        for position in range(count):
            bins[table[_code(codes, position, last)]] += values[position]
    else:
        for index in range(count):
            bins[table[_code(codes, chosen[index], last)]] += values[index]


@_compiled
def _u8(address, size):  # type: ignore[no-untyped-def]
    return nb.carray(_pointer(address), size, np.uint8)


@_compiled
def _u16(address, size):  # type: ignore[no-untyped-def]
    return nb.carray(_pointer(address), size, np.uint16)


@_compiled
def _u32(address, size):  # type: ignore[no-untyped-def]
    return nb.carray(_pointer(address), size, np.uint32)


@_compiled
def _filter(row, base, idx, count, dense):  # type: ignore[no-untyped-def]
    """Apply a column of clauses that every histogram needs; returns how many positions are left."""
    width, table = row[FILTER_WIDTH], _u8(row[FILTER_TABLE], 1)
    last = np.uint32(row[FILTER_LAST])
    address = row[FILTER_ADDRESS] + base * width
    if width == 1:
        return _keep(_u8(address, BLOCK_ROWS), None, table, idx, count, dense)
    if width == 2:
        return _keep(_u16(address, BLOCK_ROWS), None, table, idx, count, dense)
    return _keep(_u32(address, BLOCK_ROWS), last, table, idx, count, dense)


@_compiled
def _fail(row, base, idx, fails, count, dense):  # type: ignore[no-untyped-def]
    """Apply a column of clauses that some histograms need."""
    width, table = row[FILTER_WIDTH], _u8(row[FILTER_TABLE], 1)
    last = np.uint32(row[FILTER_LAST])
    address = row[FILTER_ADDRESS] + base * width
    if width == 1:
        _mark(_u8(address, BLOCK_ROWS), None, table, idx, fails, count, dense)
    elif width == 2:
        _mark(_u16(address, BLOCK_ROWS), None, table, idx, fails, count, dense)
    else:
        _mark(_u32(address, BLOCK_ROWS), last, table, idx, fails, count, dense)


@_compiled
def _fail_or_drop(row, base, lives, constant, idx, fails, count, dense):  # type: ignore[no-untyped-def]
    """Like `_fail`, but drop positions that no histogram needs; returns how many stay."""
    width, table = row[FILTER_WIDTH], _u8(row[FILTER_TABLE], 1)
    last = np.uint32(row[FILTER_LAST])
    address = row[FILTER_ADDRESS] + base * width
    if width == 1:
        codes = _u8(address, BLOCK_ROWS)
        return _mark_living(codes, None, table, lives, constant, idx, fails, count, dense)
    if width == 2:
        wide = _u16(address, BLOCK_ROWS)
        return _mark_living(wide, None, table, lives, constant, idx, fails, count, dense)
    wider = _u32(address, BLOCK_ROWS)
    return _mark_living(wider, last, table, lives, constant, idx, fails, count, dense)


@_compiled
def _histogram(row, base, values, chosen, bins, count, dense):  # type: ignore[no-untyped-def]
    width, kind, last = row[JOB_WIDTH], row[JOB_KIND], np.uint32(row[JOB_LAST])
    address = row[JOB_ADDRESS] + base * width
    if row[JOB_TABLE] != 0:
        table = _u32(row[JOB_TABLE], 1)
        codes = _u32(address, BLOCK_ROWS)
        _add_through(codes, last, table, values, chosen, bins, count, dense)
    elif kind == COUNTED:
        if width == 1:
            _count(_u8(address, BLOCK_ROWS), None, chosen, bins, count, dense)
        elif width == 2:
            _count(_u16(address, BLOCK_ROWS), None, chosen, bins, count, dense)
        else:
            _count(_u32(address, BLOCK_ROWS), last, chosen, bins, count, dense)
    elif kind == WEIGHED:
        if width == 1:
            _add(_u8(address, BLOCK_ROWS), None, values, chosen, bins, count, dense)
        elif width == 2:
            _add(_u16(address, BLOCK_ROWS), None, values, chosen, bins, count, dense)
        else:
            _add(_u32(address, BLOCK_ROWS), last, values, chosen, bins, count, dense)
    elif width == 1:
        _add_runs(_u8(address, BLOCK_ROWS), None, values, chosen, bins, count, dense)
    elif width == 2:
        _add_runs(_u16(address, BLOCK_ROWS), None, values, chosen, bins, count, dense)
    else:
        _add_runs(_u32(address, BLOCK_ROWS), last, values, chosen, bins, count, dense)


@_compiled
def _block(  # type: ignore[no-untyped-def]
    base, size, block, filters, evaluate, constant, jobs, lives, offenses, weights, bins, scratch
):
    idx, fails, chosen, values = scratch
    failed = constant[block]
    count, dense, marked = size, True, False
    for number in range(filters.shape[0]):
        if evaluate[number, block] == 0:
            continue
        if filters[number, FILTER_SURE] != 0:
            count = _filter(filters[number], base, idx, count, dense)
            dense = False
        elif marked or failed != 0 or filters[number, FILTER_KILLS] != 0:
            if not marked:
                fails[:count] = 0
            count = _fail_or_drop(filters[number], base, lives, failed, idx, fails, count, dense)
            dense, marked = False, True
        else:
            fails[:count] = 0
            _fail(filters[number], base, idx, fails, count, dense)
            marked = True
        if count == 0:
            return
    need = np.int64(-1)
    selected, straight, weighed = count, dense, False
    for number in range(jobs.shape[0]):
        row = jobs[number]
        if row[JOB_NEED] & failed != 0:
            continue
        if row[JOB_NEED] != need:
            need = row[JOB_NEED]
            weighed = False
            if marked:
                mask = np.uint8(need)
                selected, straight = 0, False
                if dense:
                    for position in range(count):
                        chosen[selected] = position
                        selected += fails[position] & mask == 0
                else:
                    for index in range(count):
                        chosen[selected] = idx[index]
                        selected += fails[index] & mask == 0
        picked = chosen if marked else idx
        if row[JOB_KIND] != COUNTED and not weighed:
            address, width = offenses[0] + base * offenses[1], offenses[1]
            last = np.uint32(weights.shape[0] - 1)
            if width == 1:
                _weigh(_u8(address, BLOCK_ROWS), None, weights, picked, values, selected, straight)
            elif width == 2:
                _weigh(_u16(address, BLOCK_ROWS), None, weights, picked, values, selected, straight)
            else:
                _weigh(_u32(address, BLOCK_ROWS), last, weights, picked, values, selected, straight)
            weighed = True
        _histogram(row, base, values, picked, bins[row[JOB_OFFSET] :], selected, straight)


@_compiled
def scan(blocks, rows, filters, evaluate, constant, jobs, lives, offenses, weights, bins):  # type: ignore[no-untyped-def]
    """Add the incidents of some blocks to the histograms.

    Parameters
    ----------
    blocks : int64 (blocks,)
        Numbers of the blocks of `BLOCK_ROWS` incidents to scan.
    rows : int64
        Number of all incidents.
    filters : int64 (clause columns, 6)
        Address and width of the codes; address of a table uint8 by code (for all codes that 1 or 2
        bytes hold) with the bits of failed clauses; 1 if every histogram needs all of them (those
        come first); 1 if some code fails every histogram; the last code.
    evaluate : uint8 (clause columns, all blocks)
        0 if all codes of the block have the same bits.
    constant : uint8 (all blocks)
        Bits that all incidents of the block have.
    jobs : int64 (histograms, 7)
        Address and width of the codes; address of a table uint32 from code to bin, or 0 (with a
        table, codes are 4 bytes wide); offset of the first bin; bits that must not be set; kind;
        the last code. Sorted by the bits.
    lives : uint8 (256,)
        1 for sets of bits with which an incident counts in some histogram.
    offenses : int64 (2,)
        Address and width of the offense codes.
    weights : uint64 (offense codes,)
        Packed measures of one incident, for all codes that 1 or 2 bytes hold.
    bins : uint64 (bins + SLACK,)
        Bins to add to.
    """
    scratch = (
        np.empty(BLOCK_ROWS, np.uint16),
        np.empty(BLOCK_ROWS, np.uint8),
        np.empty(BLOCK_ROWS, np.uint16),
        np.empty(BLOCK_ROWS, np.uint64),
    )
    for index in range(blocks.shape[0]):
        block = blocks[index]
        base = block * BLOCK_ROWS
        size = min(BLOCK_ROWS, rows - base)
        _block(
            base, size, block, filters, evaluate, constant, jobs, lives, offenses, weights, bins,
            scratch,
        )  # fmt: skip


@_compiled
def unpack(bins, incidents, arrests, harm):  # type: ignore[no-untyped-def]
    """Add packed bins to their sums and clear them; all four have shape (bins,)."""
    for index in range(bins.shape[0]):
        packed = bins[index]
        incidents[index] += np.int64(packed & _MASK)
        arrests[index] += np.int64((packed >> _ARREST_SHIFT) & _MASK)
        harm[index] += np.int64(packed >> _HARM_SHIFT)
        bins[index] = 0


_I64, _U64, _U8 = types.int64, types.uint64, types.uint8
SIGNATURES = (
    (
        scan,
        (
            _I64[::1],
            _I64,
            _I64[:, ::1],
            _U8[:, ::1],
            _U8[::1],
            _I64[:, ::1],
            _U8[::1],
            _I64[::1],
            _U64[::1],
            _U64[::1],
        ),
    ),
    (unpack, (_U64[::1], _I64[::1], _I64[::1], _I64[::1])),
)
"""Functions to compile, and the types of their arguments."""
