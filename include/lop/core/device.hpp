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

template <class Body> __global__ void for_each_on_device(index_t count, Body body) {
    const index_t stride = index_t{gridDim.x} * blockDim.x;
    for (index_t i = index_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count; i += stride)
        body(i);
}

/// The value that the lane `mask` away holds.
__device__ inline double from_lane(double value, int mask) {
    return __shfl_xor_sync(0xffffffffU, value, mask);
}
__device__ inline std::complex<double> from_lane(const std::complex<double>& value, int mask) {
    return {from_lane(value.real(), mask), from_lane(value.imag(), mask)};
}

template <class Term> __device__ auto term_on_device(const Term& term, index_t i) {
    if constexpr (requires { term.write(i); }) term.write(i);
    return term(i);
}

/// The runs of the slices: run c of slice s is summed in its lanes by sixteen neighbouring threads.
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
        for (index_t i = in_slice + lane; i < end; i += lanes)
            sum += term_on_device(term, slice + i);
        for (int half = lanes / 2; half > 0; half /= 2) sum += from_lane(sum, half);
        if (lane == 0 && run < runs) sums[run] = sum;
    }
}

/// The sums of whole slices from those of their runs, in order.
template <class Sum> struct SumOfRuns {
    const Sum* runs;
    Sum* slices;
    index_t count;
    constexpr void operator()(index_t slice) const {
        Sum sum{};
        for (index_t c = 0; c < count; ++c) sum += runs[slice * count + c];
        slices[slice] = sum;
    }
};

/// Values already summed, as the leaves of the next level.
template <class Sum> struct Leaf {
    const Sum* values;
    constexpr Sum operator()(index_t i) const { return values[i]; }
};

inline constexpr index_t tree_leaves = 4 * device_block;

/// Complete nodes of 1024 leaves, a block each. Leaves that are not there count as -0, which changes
/// no sum: the last node then adds up as the incomplete tree does.
template <class Sum, class Term>
__global__ void sum_nodes(Term term, index_t leaves, index_t nodes, Sum* sums) {
    __shared__ alignas(Sum) unsigned char memory[device_block / 32 * sizeof(Sum)];
    Sum* const of_warp = reinterpret_cast<Sum*>(memory);
    for (index_t node = blockIdx.x; node < nodes; node += gridDim.x) {
        const index_t first = node * tree_leaves + 4 * index_t{threadIdx.x};
        Sum leaf[4];
        for (int k = 0; k < 4; ++k)
            leaf[k] = first + k < leaves ? Sum(term_on_device(term, first + k)) : -Sum{};
        Sum sum = (leaf[0] + leaf[1]) + (leaf[2] + leaf[3]);
        for (int step = 1; step < 32; step *= 2) sum += from_lane(sum, step);
        if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = sum;
        __syncthreads();
        if (threadIdx.x == 0) {
            for (unsigned width = 1; width < device_block / 32; width *= 2)
                for (unsigned w = 0; w < device_block / 32; w += 2 * width)
                    of_warp[w] += of_warp[w + width];
            sums[node] = of_warp[0];
        }
        __syncthreads();
    }
}

inline index_t node_count(index_t leaves) { return (leaves + tree_leaves - 1) / tree_leaves; }

/// The tree over all leaves, level by level; `sums` has room for the nodes of all levels.
template <class Sum, class Term> const Sum* sum_tree(const Term& term, index_t leaves, Sum* sums) {
    const index_t nodes = node_count(leaves);
    sum_nodes<<<device_blocks(nodes * device_block), device_block>>>(term, leaves, nodes, sums);
    check_device_launch();
    if (nodes == 1) return sums;
    return sum_tree(Leaf<Sum>{sums}, nodes, sums + nodes);
}

inline index_t tree_room(index_t leaves) {
    const index_t nodes = node_count(leaves);
    return nodes == 1 ? 1 : nodes + tree_room(nodes);
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

/// The sum of term(i) over a vector held whole by the device, without an axis before its slices, with
/// the bits of reduce on the host. A term that also writes has a member write(i), called before.
template <class Sum, class Term>
Sum device_reduce(const SliceLayout& layout, const Term& term) {
    static_assert(detail::compiled_for_device<Term>,
                  "sums of device vectors are compiled by nvcc: name the source .cu");
    Sum total{};
#ifdef __CUDACC__
    using namespace detail;
    assert(layout.outer == 1);
    if (layout.size() == 0) return total;
    const index_t leaves = layout.count;
    const Sum* root = nullptr;
    if (layout.inner == 1) {
        auto* sums = static_cast<Sum*>(
            device_workspace(static_cast<std::size_t>(tree_room(leaves)) * sizeof(Sum)));
        root = sum_tree(term, leaves, sums);
    } else {
        const index_t of_slice = (layout.inner + reduce_run - 1) / reduce_run;
        const index_t runs = leaves * of_slice;
        auto* sums = static_cast<Sum*>(device_workspace(
            static_cast<std::size_t>(runs + leaves + tree_room(leaves)) * sizeof(Sum)));
        sum_runs<<<device_blocks(runs * reduce_lanes), device_block>>>(term, runs, layout.inner,
                                                                       of_slice, sums);
        check_device_launch();
        device_for(leaves, SumOfRuns<Sum>{sums, sums + runs, of_slice});
        root = sum_tree(Leaf<Sum>{sums + runs}, leaves, sums + runs + leaves);
    }
    copy_to_host(&total, root, sizeof(Sum));
#endif
    return total;
}

}  // namespace lop
