/// Proximal operators and projections.
#include "tests/peers/record.hpp"
#include <lop/solvers/projections.hpp>
#include <lop/solvers/prox.hpp>
#include <lop/solvers/prox_arrays.hpp>
#include <lop/solvers/prox_groups.hpp>

namespace peers {

using namespace lop;

namespace {

constexpr double tau = 0.75;
const ArraySpace<double> space{"x", {24}};
const ArraySpace<double> image{"image", {6, 4}};
const ArraySpace<C> phases{"phases", {24}};

/// x, y = prox_{tau f}(x) and f(x).
template <class F, class X> Case record_prox(Record& record, const std::string& name, const F& f,
                                             const X& x) {
    X y = x;
    f.prox(x, tau, y);
    Case entry = record.begin("proximal/" + name);
    entry.with("x", x).with("y", y).with("tau", tau);
    if constexpr (requires { f.value(x); }) entry.with("value", f.value(x));
    return entry;
}

void record_functions(Record& record) {
    const auto x = space.random(51);
    const auto z = phases.random(52);
    const auto b = space.random(53);
    record_prox(record, "L1", L1{0.5}, x);
    record_prox(record, "L1 complex", L1{0.5}, z);
    record_prox(record, "L2", L2{2}, x);
    record_prox(record, "L2 to nothing", L2{100}, x);
    record_prox(record, "SquaredL2", SquaredL2{2}, x);
    record_prox(record, "Translated", Translated{SquaredL2{2}, b}, x).with("b", b);
    record_prox(record, "Multiple", Multiple{L1{0.5}, 1.5}, x);
    record_prox(record, "L0", L0{0.5}, x);
    record_prox(record, "Box", Box{-0.5, 0.75}, x);
    record_prox(record, "NonNegative", NonNegative{}, x);
    record_prox(record, "ConjugateOf", ConjugateOf{L1{0.5}}, x);
    record_prox(record, "ConjugateOf of a length", ConjugateOf{L2{2}}, x);
    const auto part = [&](std::uint64_t seed) {
        return ArraySpace<double>{"part", {8}}.random(seed);
    };
    const Stacked blocks{part(54), part(55), part(56)};
    record_prox(record, "L21", L21{0.5}, blocks);
    record_prox(record, "SeparableSum", SeparableSum{L1{0.5}, L2{2}, SquaredL2{1}}, blocks);
    const Many many{std::vector{part(54), part(55), part(56)}};
    record_prox(record, "JointL1", JointL1{0.5}, many);
    record_prox(record, "NuclearNorm", NuclearNorm{0.5}, image.random(57));
    const TotalVariationOptions exact{.weight = 0.5, .iterations = 5000, .tolerance = 1e-9};
    record_prox(record, "TotalVariation", TotalVariation<double>{image, exact}, image.random(58));
    record_prox(record, "TotalVariation of a line", TotalVariation<double>{space, exact}, x);
}

template <class P, class X> Case record_projection(Record& record, const std::string& name,
                                                   const P& project, X x) {
    return record_prox(record, name, Indicator<P>{project}, x);
}

void record_projections(Record& record) {
    const auto x = space.random(61);
    const auto center = space.random(62);
    const auto normal = space.random(63);
    record_projection(record, "OntoBox", OntoBox{-0.5, 0.75}, x);
    record_projection(record, "OntoL2Ball", OntoL2Ball{2}, x);
    record_projection(record, "Around", Around{OntoL2Ball{2}, center}, x).with("center", center);
    record_projection(record, "OntoL1Ball", OntoL1Ball{3}, x);
    record_projection(record, "OntoSimplex", OntoSimplex{3}, x);
    record_projection(record, "OntoHyperplane", OntoHyperplane{normal, 2.5}, x)
        .with("normal", normal)
        .with("offset", 2.5);
    record_projection(record, "OntoHalfSpace", OntoHalfSpace{normal, -2.5}, x)
        .with("normal", normal)
        .with("offset", -2.5);
    record_projection(record, "OntoCardinality", OntoCardinality{5}, x);
    const auto m = random_matrix<double>(6, 24, 64);
    const auto b = ArraySpace<double>{"b", {6}}.random(65);
    record_projection(
        record, "OntoAffine",
        OntoAffine<MatrixOperator<double>>{MatrixOperator<double>{m}, b, {.atol = 0, .btol = 0}}, x)
        .with("A", m)
        .with("b", b);
    record_projection(
        record, "OntoIntersection",
        OntoIntersection<Array<double>>{{OntoBox{-0.5, 0.75}, OntoHyperplane{normal, 2.5}},
                                        {.iterations = 10000, .tolerance = 1e-14}},
        x)
        .with("normal", normal);
}

}  // namespace

void record_proximal(Record& record) {
    record_functions(record);
    record_projections(record);
}

}  // namespace peers
