/// Operators that index, weigh, differentiate, integrate and combine.
#include "tests/peers/record.hpp"
#include <lop/algebra/algebra.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/operators/indexing.hpp>
#include <lop/operators/integration.hpp>
#include <lop/operators/parts.hpp>
#include <lop/operators/regression.hpp>
#include <lop/operators/scaling.hpp>
#include <lop/operators/smoothing.hpp>

#include <array>
#include <utility>

namespace peers {

using namespace lop;

namespace {

const ArraySpace<double> cube{"cube", {6, 7, 9}};
const ArraySpace<C> spectrum{"spectrum", {5, 8}};

std::string along(int axis) { return " axis " + std::to_string(axis); }

void record_indexing(Record& record) {
    for (int axis = 0; axis < 3; ++axis) {
        const AxisOptions options{.axis = axis};
        record.apply("Restriction" + along(axis),
                     Restriction<double>{cube, {4, 0, 2}, {.axis = axis}});
        record.apply("Flip" + along(axis), Flip<double>{cube, options});
        record.apply("Roll" + along(axis), Roll<double>{cube, -2, options});
        record.apply("AxisSum" + along(axis), AxisSum<double>{cube, options});
        record.apply("Symmetrize" + along(axis), Symmetrize<double>{cube, options});
    }
    record.apply("Restriction repeated", Restriction<double>{cube, {3, 1, 3}, {.axis = 1}});
    record.apply("Restriction complex", Restriction<C>{spectrum, {7, 1}});
    std::vector<bool> mask(static_cast<std::size_t>(cube.size()));
    std::vector<index_t> places;
    for (std::size_t i = 0; i < mask.size(); ++i) {
        mask[i] = i % 3 == 1;
        if (mask[i]) places.push_back(static_cast<index_t>(i));
    }
    record.apply("Restriction masked", restrict_to(cube, mask)).with("places", places);
    record.apply("Window", Window<double>{cube, {.first = {1, 0, 3}, .count = {4, 7, 2}}});
    record.apply("Pad", Pad<double>{cube, {.before = {1, 0, 3}, .after = {0, 2, 1}}});
    record.apply("TransposeAxes", TransposeAxes<double>{cube, {2, 0, 1}});
    record.apply("Spread", Spread<double>{ArraySpace<double>{"plane", {6, 9}}, 7, {.axis = 1}});
    record.apply("RealPart", RealPart<C>{spectrum});
    record.apply("ImagPart", ImagPart<C>{spectrum});
    record.apply("ConjugateValues", ConjugateValues<C>{spectrum});
}

void record_weights(Record& record) {
    const auto weights = cube.random(3);
    record.apply("Diagonal", Diagonal{weights}).with("weights", weights);
    const auto phases = spectrum.random(3);
    record.apply("Diagonal complex", Diagonal{phases}).with("weights", phases);
    for (int axis = 0; axis < 3; ++axis) {
        const auto line = ArraySpace<double>{"line", {cube.shape()[axis]}}.random(4);
        record
            .apply("AxisDiagonal" + along(axis),
                   AxisDiagonal<double>{cube, {line.begin(), line.end()}, {.axis = axis}})
            .with("weights", line);
    }
}

void record_derivatives(Record& record) {
    constexpr std::array kinds{std::pair{Difference::forward, " forward"},
                               std::pair{Difference::backward, " backward"},
                               std::pair{Difference::centered, " centered"}};
    for (const auto& [kind, name] : kinds) {
        for (int axis = 0; axis < 3; ++axis) {
            record.apply(
                std::string{"FirstDerivative"} + name + along(axis),
                FirstDerivative<double>{cube, {.axis = axis, .spacing = 0.5, .kind = kind}});
            record.apply(
                std::string{"SecondDerivative"} + name + along(axis),
                SecondDerivative<double>{cube, {.axis = axis, .spacing = 0.5, .kind = kind}});
        }
        record.apply(
            std::string{"Laplacian"} + name,
            Laplacian<double>{
                cube, {.axes = {0, 2}, .weights = {2, -3}, .spacings = {0.5, 0.25}, .kind = kind}});
        record.apply(std::string{"Gradient"} + name,
                     Gradient<double>{cube, {.spacings = {0.5, 1, 0.25}, .kind = kind}});
    }
    for (int axis = 0; axis < 3; ++axis) {
        record.apply("FirstDerivative edge" + along(axis),
                     FirstDerivative<double>{cube, {.axis = axis, .edge = true}});
        record.apply("FirstDerivative 5 points" + along(axis),
                     FirstDerivative<double>{cube, {.axis = axis, .points = 5}});
        record.apply("FirstDerivative 5 points edge" + along(axis),
                     FirstDerivative<double>{cube, {.axis = axis, .points = 5, .edge = true}});
        record.apply("SecondDerivative edge" + along(axis),
                     SecondDerivative<double>{cube, {.axis = axis, .edge = true}});
    }
    record.apply("FirstDerivative complex", FirstDerivative<C>{spectrum});
    record.apply("Laplacian edge", Laplacian<double>{cube, {.edge = true}});
    record.apply("Gradient edge", Gradient<double>{cube, {.edge = true}});
    const std::vector<double> direction{0.6, 0, -0.8};
    record
        .apply("FirstDirectionalDerivative",
               FirstDirectionalDerivative<double>{cube, direction, {.spacings = {0.5, 1, 0.25}}})
        .with("direction", direction);
    const auto directions = ArraySpace<double>{"directions", {3, 6, 7, 9}}.random(5);
    record
        .apply("FirstDirectionalDerivative field",
               FirstDirectionalDerivative<double>{cube, directions, {.edge = true}})
        .with("direction", directions);
    record
        .apply("SecondDirectionalDerivative", SecondDirectionalDerivative<double>{cube, directions})
        .with("direction", directions);
}

void record_integrals_and_averages(Record& record) {
    constexpr std::array kinds{std::pair{Integral::full, " full"},
                               std::pair{Integral::half, " half"},
                               std::pair{Integral::trapezoidal, " trapezoidal"}};
    for (const auto& [kind, name] : kinds)
        for (int axis = 0; axis < 3; ++axis) {
            const std::string call = std::string{"CausalIntegration"} + name + along(axis);
            CausalIntegrationOptions options{.axis = axis, .spacing = 0.5, .kind = kind};
            record.apply(call, CausalIntegration<double>{cube, options});
            options.remove_first = true;
            record.apply(call + " without the first", CausalIntegration<double>{cube, options});
        }
    for (int axis = 0; axis < 3; ++axis)
        record.apply("Smoothing1D" + along(axis),
                     Smoothing1D<double>{cube, {.length = 5, .axis = axis}});
    record.apply("Smoothing2D", Smoothing2D<double>{cube, {.lengths = {3, 5}, .axes = {0, 2}}});
    record.apply("Smoothing1D along all axes",
                 Smoothing1D<double>{cube, {.length = 3, .axis = 0}} *
                     Smoothing1D<double>{cube, {.length = 5, .axis = 1}} *
                     Smoothing1D<double>{cube, {.length = 7, .axis = 2}});
    const std::vector<double> places{-1, -0.25, 0.5, 1.5, 2};
    record.apply("PolynomialRegression", PolynomialRegression<double>{places, 3})
        .with("places", places);
    record.apply("LinearRegression", LinearRegression<double>{places}).with("places", places);
}

/// Matrices, and the operators that are made of others.
void record_algebra(Record& record) {
    const auto a = random_matrix<double>(4, 5, 21);
    const auto b = random_matrix<double>(4, 5, 22);
    const auto c = random_matrix<double>(3, 5, 23);
    const auto d = random_matrix<double>(4, 6, 24);
    const auto s = random_matrix<double>(5, 5, 25);
    const auto z = random_matrix<C>(4, 5, 26);
    const MatrixOperator<double> A{a}, B{b}, Cc{c}, D{d}, S{s};
    const MatrixOperator<C> Z{z};
    const auto named = [&](const std::string& name, const auto& op) {
        record.apply(name, op)
            .with("A", a)
            .with("B", b)
            .with("C", c)
            .with("D", d)
            .with("S", s)
            .with("Z", z);
    };
    named("MatrixOperator", A);
    named("MatrixOperator complex", Z);
    named("MatrixOperator on columns", kron(A, Identity{ArraySpace<double>{"columns", {3}}}));
    named("kron", kron(A, Cc));
    named("vstack", vstack(A, Cc));
    named("vstack of a list", vstack(std::vector{A, B}));
    named("vstack of a multiple", vstack(A, 0.75 * Cc));
    named("hstack", hstack(A, D));
    named("block", vstack(hstack(A, D), hstack(B, D)));
    named("block_diagonal", block_diagonal(A, Cc, D));
    named("Identity", Identity{cube});
    named("Zero", Zero{A.domain(), Cc.range()});
    named("product", Cc * S);
    named("sum", A + 2.5 * B - A);
    named("adjoint", A.H());
    named("pow", pow(S, 3));
    named("conj", conj(Z));
    named("transpose", transpose(Z));
    named("real", real(Z));
    named("imag", imag(Z));
    named("make_operator",
          make_operator(
              cube, cube, [](const Array<double>& x, Array<double>& y) { y = 3 * x; },
              [](const Array<double>& y, Array<double>& x) { x = 3 * y; }));
}

}  // namespace

void record_basic(Record& record) {
    record_indexing(record);
    record_weights(record);
    record_derivatives(record);
    record_integrals_and_averages(record);
    record_algebra(record);
}

}  // namespace peers
