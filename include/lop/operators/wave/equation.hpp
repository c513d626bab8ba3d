/// A declared wave equation as the engine takes it: programs and compiled kernels.
#pragma once

#include <lop/core/scalar.hpp>
#include <lop/operators/wave/kernels.hpp>
#include <lop/operators/wave/transposed.hpp>

#include <type_traits>

namespace lop::wave {

/// A declaration in two or three dimensions, derived while compiling. References into static storage.
template <class T> struct Equation {
    const Physics* physics = nullptr;
    const Program* forward = nullptr;
    const Transposed* transposed = nullptr;
    /// The kernel of a stage of either program.
    StageFunction<T> (*kernel)(bool is_transposed, int stage, int radius,
                               InstructionSet set) = nullptr;
};

namespace detail {

template <class Declaration, int Dimension> struct Derived {
    static constexpr Physics physics = whole(Declaration::declare(Dimension));
    static constexpr Program forward = forward_program(physics);
    static constexpr Transposed transposed = transposed_program(physics, forward);

    template <bool is_transposed, int stage> struct Shape {
        static constexpr StageShape shape =
            slots_of(physics, is_transposed ? transposed.program : forward, stage).shape;
    };
    /// The first stage of this equation of a given shape, forward ones first, or `void`.
    template <class Wanted, bool is_transposed = false, int stage = 0> static constexpr auto
    like() {
        if constexpr (stage == forward.stages.count) {
            if constexpr (is_transposed) return;
            else return like<Wanted, true, 0>();
        } else if constexpr (Shape<is_transposed, stage>::shape == Wanted::shape) {
            return shape_of<is_transposed, stage>();
        } else {
            return like<Wanted, is_transposed, stage + 1>();
        }
    }
    /// Stages of equal shape share a kernel: of a self-adjoint equation the transposed step is the forward one. A
    /// declaration may name another one, `Kernels`, whose stages it shares where they are the same.
    template <bool is_transposed, int stage> static constexpr auto shape_of() {
        using Own = Shape<is_transposed, stage>;
        if constexpr (requires { typename Declaration::Kernels; }) {
            if constexpr (!std::is_same_v<typename Declaration::Kernels, Declaration>) {
                using Other = Derived<typename Declaration::Kernels, Dimension>;
                using Found = decltype(Other::template like<Own>());
                if constexpr (!std::is_void_v<Found>) return Found{};
                else return own_shape_of<is_transposed, stage>();
            } else {
                return own_shape_of<is_transposed, stage>();
            }
        } else {
            return own_shape_of<is_transposed, stage>();
        }
    }
    template <bool is_transposed, int stage, int candidate = 0> static constexpr auto
    own_shape_of() {
        if constexpr (candidate == (is_transposed ? forward.stages.count : stage))
            return Shape<is_transposed, stage>{};
        else if constexpr (Shape<false, candidate>::shape == Shape<is_transposed, stage>::shape)
            return Shape<false, candidate>{};
        else return own_shape_of<is_transposed, stage, candidate + 1>();
    }
    template <class T, bool is_transposed, int stage = 0>
    static StageFunction<T> kernel_of(int index, int radius, InstructionSet set) {
        if constexpr (stage == forward.stages.count) return nullptr;
        else if (index != stage) return kernel_of<T, is_transposed, stage + 1>(index, radius, set);
        else return stage_kernel<decltype(shape_of<is_transposed, stage>()), T>(radius, set);
    }
    template <class T> static StageFunction<T> kernel(bool is_transposed, int stage, int radius,
                                                      InstructionSet set) {
        return is_transposed ? kernel_of<T, true>(stage, radius, set)
                             : kernel_of<T, false>(stage, radius, set);
    }
    template <class T> static constexpr Equation<T> equation{&physics, &forward, &transposed,
                                                             kernel<T>};
};

}  // namespace detail

/// The equation of a declaration: a type with  static constexpr wave::Physics declare(int dimension).
template <class Declaration, Scalar T> const Equation<T>& equation(int dimension) {
    if (dimension == 2) return detail::Derived<Declaration, 2>::template equation<T>;
    return detail::Derived<Declaration, 3>::template equation<T>;
}

}  // namespace lop::wave
