/// Loops and sums on a device: what expressions of device vectors are computed with.
///
/// The bodies are compiled by nvcc alone, in sources named .cu; elsewhere only the names exist. A
/// sum adds in the order of lop/core/reduce.hpp, so that a device and a host find the same bits.
#pragma once

#include <lop/core/buffer.hpp>
#include <lop/core/reduce.hpp>
#include <lop/core/scalar.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace lop {

namespace detail {

template <class T> inline constexpr bool compiled_for_device =
#ifdef __CUDACC__
    true;
#else
    false;
#endif

/// Memory of the device that belongs to the calling thread, for partial sums; kept, and grown where
/// more is asked for. Valid until the next call.
void* device_workspace(std::size_t bytes);

/// Throws Error where the launch of a loop failed.
void check_device_launch();

#ifdef __CUDACC__

inline constexpr unsigned device_block = 256;

inline unsigned device_blocks(index_t count) {
    constexpr index_t most = 1 << 16;  // beyond them a thread takes several elements
    return static_cast<unsigned>(std::min(most, (count + device_block - 1) / device_block));
}

/// What stands at i, computed by functions of the device alone: constexpr functions in between would
/// hide a host function from the compiler, which then drops the call without a word.
template <class C> __device__ auto at_on_device(const C& cursor, index_t i) { return cursor(i); }
template <class T> __device__ T at_on_device(const T* const& values, index_t i) {
    return values[i];
}

template <class Body> __global__ void for_each_on_device(index_t count, Body body) {
    const index_t stride = index_t{gridDim.x} * blockDim.x;
    for (index_t i = index_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride)
        body(i);
}
template <class T, class Cursor>
__global__ void assign_on_device(index_t count, T* values, Cursor cursor) {
    const index_t stride = index_t{gridDim.x} * blockDim.x;
    for (index_t i = index_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride)
        values[i] = at_on_device(cursor, i);
}

/// The value that the lane `mask` away holds.
__device__ inline double from_lane(double value, int mask) {
    return __shfl_xor_sync(0xffffffffU, value, mask);
}
__device__ inline std::complex<double> from_lane(const std::complex<double>& value, int mask) {
    return {from_lane(value.real(), mask), from_lane(value.imag(), mask)};
}

/// Several terms at once, at `first` and every `stride` after it: -0, which changes no sum, from `end`
/// on. Where the term writes, all values are read before the first is stored, and all are stored
/// before those of a second assignment are read: loads that need not wait for stores.
template <int Count, class Sum, class Term>
__device__ void read_terms(const Term& term, index_t first, index_t stride, index_t end,
                           Sum (&terms)[Count]) {
    const auto for_each_index = [=](const auto& body) {
#pragma unroll
        for (int k = 0; k < Count; ++k)
            if (first + k * stride < end) body(k, first + k * stride);
    };
    for (Sum& one : terms) one = -Sum{};
    if constexpr (requires { term.cursor; }) {
        decltype(at_on_device(term.cursor, first)) values[Count];
        for_each_index([&](int k, index_t i) { values[k] = at_on_device(term.cursor, i); });
        for_each_index([&](int k, index_t i) {
            term.values[i] = values[k];
            terms[k] = term.term(values[k]);
        });
        if constexpr (requires { term.second_values; }) {
            for_each_index(
                [&](int k, index_t i) { values[k] = at_on_device(term.second_cursor, i); });
            for_each_index([&](int k, index_t i) { term.second_values[i] = values[k]; });
        }
    } else for_each_index([&](int k, index_t i) { terms[k] = at_on_device(term, i); });
}

/// Values already summed, as the terms of the next level.
template <class Sum> struct Summed {
    const Sum* values;
    constexpr Sum operator()(index_t i) const { return values[i]; }
};

/// Slices of `inner` terms: run c of slice s is summed in its lanes by sixteen neighbouring threads.
template <class Sum, class Term>
__global__ void sum_runs(Term term, index_t runs, index_t inner, index_t runs_of_slice, Sum* sums) {
    constexpr index_t lanes = reduce_lanes;
    const index_t thread = index_t{blockIdx.x} * blockDim.x + threadIdx.x;
    const index_t lane = thread % lanes;
    // All threads of a warp stay until its last exchange of lanes.
    const index_t rounds = (runs * lanes + 31) / 32 * 32;
    const index_t stride = index_t{gridDim.x} * blockDim.x;
    for (index_t at = thread; at < rounds; at += stride) {
        const index_t run = at / lanes;
        const index_t in_slice = run % runs_of_slice * reduce_run;
        const index_t slice = run / runs_of_slice * inner;
        const index_t end = run < runs ? std::min(inner, in_slice + reduce_run) : 0;
        Sum sum{};
        constexpr int batch = 8;
        for (index_t i = in_slice + lane; i < end; i += batch * lanes) {
            Sum terms[batch];
            read_terms(term, slice + i, lanes, slice + end, terms);
            for (const Sum& one : terms) sum = plus(sum, one);
        }
        for (int half = lanes / 2; half > 0; half /= 2) sum = plus(sum, from_lane(sum, half));
        if (lane == 0 && run < runs) sums[run] = sum;
    }
}

/// Of Count runs of 32 values, value l of a run in lane l: the sum of one run as a tree of neighbours.
/// Lanes that are partners share the work, so that each ends with a run of its own: the bits of
/// its number, from the lowest, are those of the run's, from the highest.
template <int Count, class Sum> __device__ Sum sum_of_run(const Sum (&value)[Count], int mask = 1) {
    if constexpr (Count == 1) {
        Sum sum = value[0];
        for (; mask < 32; mask *= 2) sum = plus(sum, from_lane(sum, mask));
        return sum;
    } else {
        const bool high = (threadIdx.x & static_cast<unsigned>(mask)) != 0;
        Sum half[Count / 2];
#pragma unroll
        for (int k = 0; k < Count / 2; ++k) {
            const Sum kept = high ? value[k + Count / 2] : value[k];
            const Sum given = high ? value[k] : value[k + Count / 2];
            half[k] = plus(kept, from_lane(given, mask));
        }
        return sum_of_run(half, 2 * mask);
    }
}

inline constexpr int runs_of_warp = 16;
inline constexpr index_t tree_leaves = 32 * runs_of_warp;

/// Complete nodes of 512 leaves, a warp each; with -0 for leaves that are not there, the last node adds
/// up as the incomplete tree does.
template <class Sum, class Term>
__global__ void sum_nodes(Term term, index_t leaves, index_t nodes, Sum* sums) {
    const index_t warps = index_t{gridDim.x} * blockDim.x / 32;
    const index_t lane = threadIdx.x % 32;
    for (index_t node = (index_t{blockIdx.x} * blockDim.x + threadIdx.x) / 32; node < nodes;
         node += warps) {
        Sum leaf[runs_of_warp];
        read_terms(term, node * tree_leaves + lane, 32, leaves, leaf);
        Sum sum = sum_of_run(leaf);
        for (int mask = runs_of_warp / 2; mask > 0; mask /= 2)
            sum = plus(sum, from_lane(sum, mask));
        if (lane == 0) sums[node] = sum;
    }
}

inline index_t part_count(index_t whole, index_t part) { return (whole + part - 1) / part; }

/// The sums of the slices, level by level, from memory that begins at `sums`.
template <class Sum, class Term>
Sum* sum_slices(const Term& term, index_t slices, index_t inner, Sum* sums) {
    const index_t of_slice = part_count(inner, reduce_run);
    const index_t runs = slices * of_slice;
    sum_runs<<<device_blocks(runs * reduce_lanes), device_block>>>(term, runs, inner, of_slice,
                                                                   sums);
    check_device_launch();
    if (of_slice == 1) return sums;
    return sum_slices(Summed<Sum>{sums}, slices, of_slice, sums + runs);
}

/// The tree over all leaves, level by level, in memory that begins at `sums`.
template <class Sum, class Term>
const Sum* sum_tree(const Term& term, index_t leaves, Sum* sums) {
    const index_t nodes = part_count(leaves, tree_leaves);
    sum_nodes<<<device_blocks(32 * nodes), device_block>>>(term, leaves, nodes, sums);
    check_device_launch();
    if (nodes == 1) return sums;
    return sum_tree(Summed<Sum>{sums}, nodes, sums + nodes);
}

/// What sum_slices and sum_tree need for their levels.
inline index_t slices_room(index_t slices, index_t inner) {
    const index_t of_slice = part_count(inner, reduce_run);
    return slices * of_slice + (of_slice == 1 ? 0 : slices_room(slices, of_slice));
}
inline index_t tree_room(index_t leaves) {
    const index_t nodes = part_count(leaves, tree_leaves);
    return nodes + (nodes == 1 ? 0 : tree_room(nodes));
}

#endif  // __CUDACC__

}  // namespace detail

/// Calls body(i) for all i in [0, count), on the device; returns before it is done.
template <class Body> void device_for(index_t count, const Body& body) {
    static_assert(detail::compiled_for_device<Body>,
                  "expressions of device vectors are compiled by nvcc: name the source .cu");
#ifdef __CUDACC__
    if (count == 0) return;
    detail::for_each_on_device<<<detail::device_blocks(count), detail::device_block>>>(count, body);
    detail::check_device_launch();
#endif
}

/// values[i] = cursor at i for all i in [0, count), on the device; returns before it is done.
template <class T, class Cursor> void device_assign(index_t count, T* values,
                                                    const Cursor& cursor) {
    static_assert(detail::compiled_for_device<Cursor>,
                  "expressions of device vectors are compiled by nvcc: name the source .cu");
#ifdef __CUDACC__
    if (count == 0) return;
    detail::assign_on_device<<<detail::device_blocks(count), detail::device_block>>>(count, values,
                                                                                     cursor);
    detail::check_device_launch();
#endif
}

/// The sum of term(i) over a vector held whole by the device, without an axis before its slices, with
/// the bits of reduce on the host.
/// A term that also writes has members `values` and `cursor`, what is written and where from, and
/// term(value).
template <class Sum, class Term>
Sum device_reduce(const SliceLayout& layout, const Term& term) {
    static_assert(detail::compiled_for_device<Term>,
                  "sums of device vectors are compiled by nvcc: name the source .cu");
    Sum total{};
#ifdef __CUDACC__
    using namespace detail;
    assert(layout.outer == 1);
    if (layout.size() == 0) return total;
    const index_t slices = layout.count;
    const bool flat = layout.inner == 1;
    const index_t room = tree_room(slices) + (flat ? 0 : slices_room(slices, layout.inner));
    auto* sums = static_cast<Sum*>(device_workspace(static_cast<std::size_t>(room) * sizeof(Sum)));
    const Sum* root = nullptr;
    if (flat) root = sum_tree(term, slices, sums);
    else {
        Sum* const of_slice = sum_slices(term, slices, layout.inner, sums);
        root = sum_tree(Summed<Sum>{of_slice}, slices, of_slice + slices);
    }
    copy_to_host(&total, root, sizeof(Sum));
#endif
    return total;
}

}  // namespace lop
