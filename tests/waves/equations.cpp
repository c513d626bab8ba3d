/// The wave equations that are shipped: every one transposed, differentiated and stable as its declaration says.
#include <lop/operators/wave/equations.hpp>

#include "declared.hpp"
#include "operators/wave/shot.hpp"
#include "support/public_data.hpp"
#include "support/team.hpp"
#include "support/textbook.hpp"
#include <lop/core/error.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

using namespace lop;
using namespace lop::wave;

namespace {

/// m/rho u_tt + d u_t - div (1/rho grad u) = f with JUDI's sponge d and its buoyancy, which is not averaged.
struct JudiEquation {
    static constexpr Physics declare(int dimension) {
        Physics w{dimension};
        const auto m = w.parameter("m", "ms2/m2");
        const auto b = w.parameter("b", "cm3/g");
        const auto damping = w.parameter("d", "ms cm3/(m2 g)");
        const auto inertia = m * b / (w.dt() * w.dt());
        const auto friction = damping / w.dt();
        const auto total = inertia + friction;
        const auto u = w.wavefield("u");
        Rate divergence{&w};
        for (int k = 0; k < dimension; ++k) {
            const auto flux = w.temporary("flux", Physics::half(k));
            w.update(flux, w.beside(b) * w.d(k, u));
            divergence = divergence + w.d(k, flux);
        }
        w.update(u, ((2 * inertia + friction) / total) * u - (inertia / total) * before(u) +
                        (1 / total) * divergence);
        w.source("u", u, w.constant(1));
        w.receiver("u", u);
        w.speeds(1 / sqrt(m));
        return w;
    }
};

template <class T> constexpr double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-14;

template <class T> double dot(const std::vector<T>& a, const std::vector<T>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
}

template <class T> double norm(const std::vector<T>& a) { return std::sqrt(dot(a, a)); }

template <class T> double relative_difference(std::vector<T> a, const std::vector<T>& b) {
    REQUIRE(a.size() == b.size());
    REQUIRE(norm(b) > 0);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
    return norm(a) / norm(b);
}

template <class T> std::vector<T> randoms(index_t size, unsigned seed, double low = -1,
                                          double high = 1) {
    std::mt19937 engine{seed};
    std::uniform_real_distribution<double> draw{low, high};
    std::vector<T> values(static_cast<std::size_t>(size));
    for (T& value : values) value = static_cast<T>(draw(engine));
    return values;
}

struct Range {
    double low = 0, high = 0;
};

/// An equation with media in which everything varies from point to point.
template <class Declaration_> struct Case {
    using Declaration = Declaration_;
    std::vector<Range> parameters;
    std::vector<double> settings{};
};

constexpr Range slowness{1 / (3000.0 * 3000), 1 / (1500.0 * 1500)};
constexpr Range velocity{1500, 3000};
constexpr Range density{1000, 2500};

auto all_cases() {
    using enum AcousticParameters;
    return std::tuple{
        Case<AcousticEquation<TimeOrder::two>>{{slowness}},
        Case<AcousticEquation<TimeOrder::four>>{{slowness}},
        Case<VariableDensityEquation<slowness_density>>{{slowness, density}},
        Case<VariableDensityEquation<velocity_density>>{{velocity, density}},
        Case<VariableDensityEquation<velocity_impedance>>{{velocity, {3e6, 6e6}}},
        Case<VariableDensityEquation<slowness_density, TimeOrder::four>>{{slowness, density}},
        Case<ElasticEquation<ElasticParameters::velocities>>{{{2000, 3000}, {0, 1300}, density}},
        Case<ElasticEquation<ElasticParameters::moduli>>{{{2e9, 9e9}, {0, 3e9}, {1800, 2300}}},
        Case<ViscoAcousticEquation<1>>{{slowness, density, {0.01, 0.2}}, {15}},
        Case<ViscoAcousticEquation<2>>{{slowness, density, {0.01, 0.2}}, {5, 40}},
        Case<ViscoAcousticEquation<3>>{{slowness, density, {0.01, 0.2}}, {5, 20, 60}},
        Case<testing::TiltedEquation>{{velocity, {0.1, 0.2}, {0, 0.1}, {-1, 1}}},
        Case<testing::ViscoElasticEquation>{{{2e9, 9e9}, {0, 3e9}, {1800, 2300}, {0.01, 0.2}},
                                            {15}}};
}

template <class F> void for_each_case(const F& f) {
    std::apply([&](const auto&... cases) { (f(cases), ...); }, all_cases());
}

struct Setting {
    int dimension;
    int order;
    bool free_surface;
    bool inside;
    bool sponge = false;
    std::vector<index_t> widths{};
    std::array<index_t, 3> extents{};
    InstructionSet instructions = InstructionSet::best;
};

std::string name(const Setting& s) {
    return std::to_string(s.dimension) + "-D, order " + std::to_string(s.order) +
           (s.free_surface ? ", free surface" : "") + (s.inside ? ", layer inside" : "") +
           (s.sponge ? ", sponge" : "") + (s.widths.empty() ? "" : ", unlike sides");
}

Problem problem_of(const Setting& s, const std::vector<double>& settings, int at_once) {
    Problem p;
    p.steps_at_once = at_once;
    p.tile_rows = 3;
    p.dimension = s.dimension;
    if (s.dimension == 2) p.extents = {23, 27};
    else p.extents = {15, 16, 18};
    if (s.extents[0] > 0) p.extents = s.extents;
    p.spacing = s.dimension == 2 ? std::array<double, 3>{10, 8} : std::array<double, 3>{10, 9, 8};
    p.order = s.order;
    const bool thin = s.inside && s.dimension == 3;
    p.layer = {.cells = thin ? 2 : 5,
               .reflection = 1e-4,
               .frequency = 12,
               .inside = s.inside,
               .widths = s.widths};
    p.is_sponge = s.sponge;
    p.instructions = s.instructions;
    p.free_surface = s.free_surface;
    p.settings = settings;
    return p;
}

/// A shot with sources and receivers of every kind that the equation has, anywhere, layers included.
template <class T, class Declaration> struct Shot {
    Shot(const Case<Declaration>& c, const Setting& s, int source, int receiver,
         index_t steps_ = 40, int at_once = 0)
        : problem{problem_of(s, c.settings, at_once)},
          parameters{rough(c, problem)},
          engine{make()},
          steps{steps_} {
        const Physics& w = engine.physics();
        sources = placed(w.sources[source % w.sources.count], 4, 11);
        receivers = placed(w.receivers[receiver % w.receivers.count], 7, 13);
    }
    static std::vector<T> rough(const Case<Declaration>& c, const Problem& p) {
        std::vector<T> all;
        unsigned seed = 7;
        for (const Range& range : c.parameters) {
            auto values = randoms<T>(points(p), seed++, range.low, range.high);
            // A fluid, where shear has no modulus: its parts of the derivatives must be exact as well.
            for (std::size_t i = 0; range.low == 0 && i < values.size(); i += 5) values[i] = 0;
            all.insert(all.end(), values.begin(), values.end());
        }
        return all;
    }
    static index_t points(const Problem& p) {
        return p.extents[0] * p.extents[1] * (p.dimension == 3 ? p.extents[2] : 1);
    }
    Engine<T> make() {
        const auto& e = equation<Declaration, T>(problem.dimension);
        problem.dt = 1e-6;
        const Engine<T> slow{e, problem, parameters.data()};
        problem.dt = 0.7 * slow.stable_dt();
        problem.layer_velocity = 3000;
        return {e, problem, parameters.data()};
    }
    PlacedPoints placed(const Port& port, int count, unsigned seed) const {
        PlacedPoints all;
        for (const Part& part : port.parts) {
            std::mt19937 random{seed};
            PlacedPart one{part, {}};
            const PointGrid grid = engine.point_grid(part.field);
            for (int i = 0; i < count; ++i) {
                std::array<double, 3> at{};
                for (int k = 0; k < grid.dimension; ++k) {
                    const auto axis = static_cast<std::size_t>(k);
                    at[axis] = std::uniform_real_distribution<double>{
                        0, static_cast<double>(grid.extents[axis] - 1)}(random);
                    // Half of them right under a free surface, one of them on it.
                    if (grid.free_surface && k + 1 == grid.dimension && i % 2 == 0)
                        at[axis] = i == 0 ? 0 : 0.15 * at[axis];
                }
                append_point(one.points, grid, at,
                             i % 3 == 2 ? Interpolation::linear : Interpolation::sinc,
                             part.derivative);
            }
            all.parts.push_back(one);
        }
        return all;
    }
    std::vector<T> forward(const std::vector<T>& s) {
        std::vector<T> r(static_cast<std::size_t>(receivers.size() * steps));
        engine.forward(workspace, {&sources, s.data()}, {&receivers, r.data()}, steps);
        return r;
    }
    std::vector<T> adjoint(const std::vector<T>& r) {
        std::vector<T> s(static_cast<std::size_t>(sources.size() * steps));
        engine.adjoint(workspace, {&receivers, r.data()}, {&sources, s.data()}, steps);
        return s;
    }
    std::vector<T> born(const std::vector<T>& s, const std::vector<T>& dm, index_t comb) {
        return born(s, dm, engine.plan(steps, comb));
    }
    std::vector<T> born(const std::vector<T>& s, const std::vector<T>& dm,
                        const HistoryPlan& plan) {
        std::vector<T> r(static_cast<std::size_t>(receivers.size() * steps));
        engine.born(workspace, {&sources, s.data()}, dm.data(), {&receivers, r.data()}, steps,
                    plan);
        return r;
    }
    std::vector<T> born_adjoint(const std::vector<T>& s, const std::vector<T>& r, index_t comb,
                                const HistoryBudget& budget = {}) {
        return born_adjoint(s, r, engine.plan(steps, comb, budget));
    }
    std::vector<T> born_adjoint(const std::vector<T>& s, const std::vector<T>& r,
                                const HistoryPlan& plan) {
        std::vector<T> image(parameters.size());
        engine.born_adjoint(workspace, {&sources, s.data()}, {&receivers, r.data()}, image.data(),
                            steps, plan);
        return image;
    }
    /// Transforms of what the receivers read over the model, and back.
    HistoryPlan levels(index_t comb) const {
        const double h = static_cast<double>(comb) * problem.dt;
        return engine.plan_frequencies(steps + 1, comb, {0.03 / h, 0.2 / h});
    }
    std::vector<T> transform(const std::vector<T>& s, index_t comb) {
        std::vector<T> u(static_cast<std::size_t>(4 * points(problem)));
        engine.transform(workspace, {&sources, s.data()}, receivers, u.data(), steps, levels(comb));
        return u;
    }
    std::vector<T> transform_adjoint(const std::vector<T>& u, index_t comb) {
        std::vector<T> s(static_cast<std::size_t>(sources.size() * steps));
        engine.transform_adjoint(workspace, receivers, u.data(), {&sources, s.data()}, steps,
                                 levels(comb));
        return s;
    }
    /// A perturbation of one parameter, or of all (-1), of a tenth of its size.
    std::vector<T> perturbation(int only, unsigned seed) const {
        auto all = randoms<T>(static_cast<index_t>(parameters.size()), seed);
        const std::size_t size =
            parameters.size() / static_cast<std::size_t>(engine.physics().parameters.count);
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] *= only < 0 || i / size == static_cast<std::size_t>(only)
                          ? T(0.1) * parameters[i]
                          : T(0);
        return all;
    }

    Problem problem;
    std::vector<T> parameters;
    Engine<T> engine;
    index_t steps;
    PlacedPoints sources;
    PlacedPoints receivers;
    Workspace<T> workspace;
};

template <class T>
double mismatch(const std::vector<T>& ax, const std::vector<T>& y, const std::vector<T>& x,
                const std::vector<T>& aty) {
    REQUIRE(norm(ax) > 0);
    REQUIRE(norm(aty) > 0);
    return std::abs(dot(ax, y) - dot(x, aty)) / (norm(ax) * norm(y));
}

/// Two shots at once are to the bit what each of them is alone.
template <class T, class Declaration>
void check_together(Shot<T, Declaration>& shot, const std::vector<T>& q, const std::vector<T>& d,
                    const std::vector<T>& dm, index_t comb) {
    constexpr std::size_t count = 2;
    std::vector<std::vector<T>> driven(count, q), traces(count, d), records(count, d),
        received(count, q), scattered(count, d),
        images(count, std::vector<T>(shot.parameters.size()));
    std::vector<Workspace<T>> workspaces(count);
    std::vector<ShotRun<T>> forward, adjoint, born;
    std::vector<ImageRun<T>> back;
    for (std::size_t i = 0; i < count; ++i) {
        for (T& value : driven[i]) value *= static_cast<T>(1 + 0.5 * static_cast<double>(i));
        for (T& value : traces[i]) value *= static_cast<T>(2 - 0.5 * static_cast<double>(i));
        Workspace<T>* w = &workspaces[i];
        forward.push_back(
            {w, {&shot.sources, driven[i].data()}, {&shot.receivers, records[i].data()}});
        adjoint.push_back(
            {w, {&shot.receivers, traces[i].data()}, {&shot.sources, received[i].data()}});
        born.push_back(
            {w, {&shot.sources, driven[i].data()}, {&shot.receivers, scattered[i].data()}});
        back.push_back({w,
                        {&shot.sources, driven[i].data()},
                        {&shot.receivers, traces[i].data()},
                        images[i].data()});
    }
    const HistoryPlan plan = shot.engine.plan(shot.steps, comb);
    shot.engine.forward(forward, shot.steps);
    shot.engine.adjoint(adjoint, shot.steps);
    shot.engine.born(born, dm.data(), shot.steps, plan);
    shot.engine.born_adjoint(back, shot.steps, plan);
    for (std::size_t i = 0; i < count; ++i) {
        CAPTURE(i);
        CHECK(records[i] == shot.forward(driven[i]));
        CHECK(received[i] == shot.adjoint(traces[i]));
        CHECK(scattered[i] == shot.born(driven[i], dm, comb));
        CHECK(images[i] == shot.born_adjoint(driven[i], traces[i], comb));
    }
}

bool has_surface(const Physics& w) { return w.vanishing.count > 0; }

template <class T, class Declaration>
void check_exactness(const Case<Declaration>& c, const Setting& s, int source, int receiver,
                     index_t comb, index_t steps) {
    Shot<T, Declaration> shot{c, s, source, receiver, steps};
    const auto q = randoms<T>(shot.sources.size() * shot.steps, 1);
    const auto d = randoms<T>(shot.receivers.size() * shot.steps, 2);
    CAPTURE(name(s));
    CAPTURE(source);
    CAPTURE(receiver);
    CHECK(mismatch(shot.forward(q), d, q, shot.adjoint(d)) <= tolerance<T>);
    const auto dm = shot.perturbation(-1, 5);
    CHECK(mismatch(shot.born(q, dm, comb), d, dm, shot.born_adjoint(q, d, comb)) <= tolerance<T>);
    const auto u = randoms<T>(4 * Shot<T, Declaration>::points(shot.problem), 3);
    CHECK(mismatch(shot.transform(q, comb), u, q, shot.transform_adjoint(u, comb)) <= tolerance<T>);
}

template <class T, class Declaration> void check_exactness(const Case<Declaration>& c,
                                                           const Setting& s, int pair) {
    check_exactness<T>(c, s, pair, 3 * pair + 1, 1 + pair % 3, 40);
}

}  // namespace

TEST_CASE_TEMPLATE(
    "every equation and its Born map have exact adjoints, fluids, layers and surfaces included", T,
    float, double) {
    for_each_case([]<class Declaration>(const Case<Declaration>& c) {
        int pair = 0;
        for (const int dimension : {2, 3})
            for (const int order : {2, 4, 8, 16})
                for (const bool free_surface : {false, true}) {
                    if (free_surface && !has_surface(Declaration::declare(dimension))) continue;
                    const bool inside = order < 8 && (!free_surface || order == 2);
                    check_exactness<T>(c, {dimension, order, free_surface, inside}, pair++);
                }
    });
}

TEST_CASE_TEMPLATE("sponges and layers of another width on every side are transposed exactly", T,
                   float, double) {
    for_each_case([]<class Declaration>(const Case<Declaration>& c) {
        int pair = 0;
        for (const bool sponge : {false, true})
            for (const bool inside : {false, true}) {
                const bool surface = sponge && has_surface(Declaration::declare(2));
                check_exactness<T>(c, {2, 4, surface, inside, sponge, {3, 7, 0, 5}}, pair++);
                check_exactness<T>(c, {3, 2, surface, inside, sponge, {3, 0, 2, 4, 5, 1}}, pair++);
            }
        check_exactness<T>(c, {2, 16, false, false, true}, pair++);
    });
}

TEST_CASE_TEMPLATE("histories in 16 bits and at some frequencies are exact for every equation", T,
                   float, double) {
    for_each_case([]<class Declaration>(const Case<Declaration>& c) {
        for (const Setting& setting : {Setting{2, 4, false, false}, Setting{3, 2, false, false}}) {
            CAPTURE(name(setting));
            Shot<T, Declaration> shot{c, setting, 0, 1};
            const auto q = randoms<T>(shot.sources.size() * shot.steps, 1);
            const auto d = randoms<T>(shot.receivers.size() * shot.steps, 2);
            const auto dm = shot.perturbation(-1, 5);
            const double nyquist = 0.5 / (2 * shot.problem.dt);
            for (const HistoryPlan& plan :
                 {shot.engine.plan(shot.steps, 2, {}, History::Storage::half),
                  shot.engine.plan_frequencies(shot.steps, 2, {0.05 * nyquist, 0.3 * nyquist})})
                CHECK(mismatch(shot.born(q, dm, plan), d, dm, shot.born_adjoint(q, d, plan)) <=
                      tolerance<T>);
        }
    });
}

TEST_CASE_TEMPLATE("what is symmetric in time runs backwards inside a belt, exact to rounding", T,
                   float, double) {
    int symmetric = 0;
    for_each_case([&]<class Declaration>(const Case<Declaration>& c) {
        Shot<T, Declaration> shot{c, {2, 2, false, false}, 0, 1};
        const auto q = randoms<T>(shot.sources.size() * shot.steps, 1);
        const auto d = randoms<T>(shot.receivers.size() * shot.steps, 2);
        const auto dm = shot.perturbation(-1, 5);
        const Physics w = Declaration::declare(2);
        bool leaps = true;
        for (const auto& field : w.fields) leaps = leaps && field.kind != FieldKind::simple;
        CAPTURE(w.fields[0].name);
        if (!leaps) {
            CHECK_THROWS_AS(shot.engine.plan_reversal(shot.steps, 1), lop::ArgumentError);
            return;
        }
        ++symmetric;
        const auto plan = shot.engine.plan_reversal(shot.steps, 1);
        CHECK(mismatch(shot.born(q, dm, plan), d, dm, shot.born_adjoint(q, d, plan)) <=
              tolerance<T>);
    });
    CHECK(symmetric >= 4);
}

TEST_CASE_TEMPLATE("steps and shots that run together give the bits of one after the other", T,
                   float, double) {
    for_each_case([]<class Declaration>(const Case<Declaration>& c) {
        int pair = 0;
        for (const Setting& setting :
             {Setting{2, 2, true, false}, Setting{2, 8, false, false}, Setting{2, 16, true, false},
              Setting{2, 4, false, true, true}, Setting{2, 4, false, false, false, {}, {130, 150}},
              Setting{3, 4, true, false}, Setting{3, 2, false, true}, Setting{3, 16, false, false},
              Setting{3, 4, false, false, true},
              Setting{3, 2, false, false, false, {}, {60, 20, 20}}}) {
            if (setting.free_surface && !has_surface(Declaration::declare(setting.dimension)))
                continue;
            CAPTURE(name(setting));
            const index_t steps = setting.order == 8 ? 120 : 14;  // past a look at the fields
            Shot<T, Declaration> plain{c, setting, pair, 3 * pair + 1, steps, -1};
            const auto q = randoms<T>(plain.sources.size() * plain.steps, 1);
            const auto d = randoms<T>(plain.receivers.size() * plain.steps, 2);
            const auto dm = plain.perturbation(-1, 5);
            const index_t comb = 1 + pair % 4;
            const auto record = plain.forward(q), received = plain.adjoint(d);
            const auto scattered = plain.born(q, dm, comb), image = plain.born_adjoint(q, d, comb);
            const auto spectra = plain.transform(q, comb);
            CHECK(plain.engine.steps_at_once(plain.workspace, false) == 0);
            // Three steps where they fit, and where threads have planes enough to meet.
            const bool is_long = setting.extents[0] > 0;
            const Team team{is_long ? 2 : 1};
            for (const int at_once : {1, 3}) {
                CAPTURE(at_once);
                Shot<T, Declaration> shot{c, setting, pair, 3 * pair + 1, steps, at_once};
                CHECK(shot.forward(q) == record);
                CHECK(shot.adjoint(d) == received);
                CHECK(shot.born(q, dm, comb) == scattered);
                CHECK(shot.born_adjoint(q, d, comb) == image);
                CHECK(shot.transform(q, comb) == spectra);
                const bool is_one_sweep =
                    shot.engine.medium().equation().forward->stages.count * at_once > 1;
                for (const bool is_transposed : {false, true})
                    CHECK((shot.engine.steps_at_once(shot.workspace, is_transposed) > 0) ==
                          is_one_sweep);
                if (at_once == 1 && pair % 2 == 1) check_together(shot, q, d, dm, comb);
            }
            ++pair;
        }
    });
}

TEST_CASE_TEMPLATE("every pair of a source and a receiver of elastic waves is exact", T, float,
                   double) {
    const Case<ElasticEquation<>> c{{{2000, 3000}, {0, 1300}, density}};
    for (const int dimension : {2, 3})
        for (const bool free_surface : {false, true}) {
            if (dimension == 3 && std::is_same_v<T, float>) continue;
            const Physics w = ElasticEquation<>::declare(dimension);
            Setting s{dimension, 4, free_surface, dimension == 3};
            if (dimension == 3) s.extents = {11, 12, 13};
            for (int source = 0; source < w.sources.count; ++source)
                for (int receiver = 0; receiver < w.receivers.count; ++receiver)
                    check_exactness<T>(c, s, source, receiver, 1 + (source + receiver) % 3, 12);
        }
}

TEST_CASE_TEMPLATE("every instruction set computes the same of every equation, and its transpose",
                   T, float, double) {
    constexpr double rounding = std::is_same_v<T, float> ? 5e-5 : 1e-13;
    int others = 0;
    for_each_case([&]<class Declaration>(const Case<Declaration>& c) {
        int pair = 0;
        for (Setting s : {Setting{2, 8, true, false}, Setting{2, 2, false, true},
                          Setting{3, 4, false, false}, Setting{3, 16, true, false}}) {
            s.free_surface = s.free_surface && has_surface(Declaration::declare(s.dimension));
            CAPTURE(name(s));
            // Stage after stage, and three steps together.
            const int at_once = pair % 2 == 0 ? -1 : 3;
            const int source = pair, receiver = 3 * pair + 1;
            ++pair;
            Shot<T, Declaration> best{c, s, source, receiver, 20, at_once};
            const auto q = randoms<T>(best.sources.size() * best.steps, 1);
            const auto d = randoms<T>(best.receivers.size() * best.steps, 2);
            const auto dm = best.perturbation(-1, 5);
            const auto record = best.forward(q), received = best.adjoint(d);
            const auto scattered = best.born(q, dm, 2), image = best.born_adjoint(q, d, 2);
            for (const auto set :
                 {InstructionSet::generic, InstructionSet::avx2, InstructionSet::avx512}) {
                if (!available(set) || set == resolved(InstructionSet::best)) continue;
                CAPTURE(static_cast<int>(set));
                ++others;
                s.instructions = set;
                Shot<T, Declaration> shot{c, s, source, receiver, 20, at_once};
                const auto r = shot.forward(q), back = shot.adjoint(d);
                CHECK(relative_difference(r, record) <= rounding);
                CHECK(relative_difference(back, received) <= rounding);
                CHECK(mismatch(r, d, q, back) <= tolerance<T>);
                const auto dd = shot.born(q, dm, 2), gradient = shot.born_adjoint(q, d, 2);
                CHECK(relative_difference(dd, scattered) <= rounding);
                CHECK(relative_difference(gradient, image) <= rounding);
                CHECK(mismatch(dd, d, dm, gradient) <= tolerance<T>);
            }
        }
    });
    CHECK((others > 0 || resolved(InstructionSet::best) == InstructionSet::generic));
}

TEST_CASE("the Born map is the derivative by every parameter") {
    for_each_case([]<class Declaration>(const Case<Declaration>& c) {
        for (const Setting& s : {Setting{2, 4, false, false}, Setting{3, 2, false, false},
                                 Setting{2, 6, true, false}, Setting{3, 4, true, false}}) {
            if (s.free_surface && !has_surface(Declaration::declare(s.dimension))) continue;
            const Physics w = Declaration::declare(s.dimension);
            for (int p = 0; p < w.parameters.count; ++p) {
                CAPTURE(w.parameters[p].name);
                CAPTURE(name(s));
                Shot<double, Declaration> shot{c, s, 0, 0};
                const auto q = randoms<double>(shot.sources.size() * shot.steps, 1);
                const auto dm = shot.perturbation(p, 6);
                const auto base = shot.forward(q);
                const auto slope = shot.born(q, dm, 1);
                std::vector<double> rests;
                for (const double h : {1e-2, 1e-3}) {
                    auto moved = shot.parameters;
                    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += h * dm[i];
                    shot.engine = Engine<double>{equation<Declaration, double>(s.dimension),
                                                 shot.problem, moved.data()};
                    auto rest = shot.forward(q);
                    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= base[i] + h * slope[i];
                    rests.push_back(norm(rest));
                }
                CHECK(norm(slope) > 0);
                // What is left is quadratic in h.
                CHECK(rests[0] < 0.1 * 1e-2 * norm(slope));
                CHECK(rests[0] / rests[1] == doctest::Approx(100).epsilon(0.1));
            }
        }
    });
}

TEST_CASE("a bounded history gives the same bits, of every equation") {
    for_each_case([]<class Declaration>(const Case<Declaration>& c) {
        Shot<float, Declaration> shot{c, {2, 4, false, false}, 0, 0};
        const auto q = randoms<float>(shot.sources.size() * shot.steps, 1);
        const auto d = randoms<float>(shot.receivers.size() * shot.steps, 2);
        const std::size_t one = shot.engine.increment_bytes();
        const std::size_t state = shot.engine.state_bytes();
        CHECK(shot.born_adjoint(q, d, 1) ==
              shot.born_adjoint(q, d, 1, {.memory = 2 * one + 3 * state}));
    });
}

TEST_CASE("a self-adjoint equation takes its forward kernels for its adjoint") {
    const auto shares = []<class Declaration>(const Case<Declaration>&, int dimension) {
        const auto& e = equation<Declaration, float>(dimension);
        for (int s = 0; s < e.forward->stages.count; ++s)
            if (e.kernel(false, s, 4, InstructionSet::best) !=
                e.kernel(true, s, 4, InstructionSet::best))
                return false;
        return true;
    };
    for (const int dimension : {2, 3}) {
        CHECK(shares(Case<AcousticEquation<>>{}, dimension));
        CHECK(shares(Case<AcousticEquation<TimeOrder::four>>{}, dimension));
        CHECK(shares(Case<VariableDensityEquation<>>{}, dimension));
        CHECK_FALSE(shares(Case<ElasticEquation<>>{},
                           dimension));  // stresses there, what they are made of here
    }
}

TEST_CASE("the limit of the step is that of the textbook") {
    const std::array<double, 3> h{10, 9, 8};
    const auto limit = []<class Declaration>(const Case<Declaration>& c, int dimension, int order,
                                             const std::array<double, 3>& spacing) {
        const auto& e = equation<Declaration, double>(dimension);
        std::vector<double> parameters;
        for (const Range& r : c.parameters) parameters.push_back(r.low);
        return stable_time_step(
            UniformMedium{e.physics, e.forward, parameters, c.settings, order, spacing});
    };
    using Second = AcousticEquation<TimeOrder::two>;
    using Fourth = AcousticEquation<TimeOrder::four>;
    for (const int order : {2, 8, 16}) {
        const double known = lop::wave::stable_time_step(order, 3, h, 2000);
        const Range m{1 / 4e6, 1 / 4e6};
        CHECK(limit(Case<Second>{{m}}, 3, order, h) == doctest::Approx(known).epsilon(1e-9));
        CHECK(limit(Case<Fourth>{{m}}, 3, order, h) ==
              doctest::Approx(std::sqrt(3.0) * known).epsilon(1e-6));
    }
    // Staggered, order 2 and 4: h / (v sqrt(D) sum |w|), sum |w| = 1 and 7/6 (Levander 1988).
    const Case<ElasticEquation<>> solid{{{3000, 3000}, {1500, 1500}, {2000, 2000}}};
    const std::array<double, 3> even{10, 10, 10};
    CHECK(limit(solid, 2, 2, even) == doctest::Approx(10 / (3000 * std::sqrt(2.0))).epsilon(1e-6));
    CHECK(limit(solid, 3, 4, even) ==
          doctest::Approx(10 / (3000 * std::sqrt(3.0) * 7 / 6)).epsilon(1e-6));
    // Of variable density the same with v, at order 8 the sum of 1225/1024, 245/3072, 49/5120 and 5/7168.
    for (const auto& [order, sum] :
         {std::pair{2, 1.0}, std::pair{4, 7.0 / 6},
          std::pair{8, 1225.0 / 1024 + 245.0 / 3072 + 49.0 / 5120 + 5.0 / 7168}})
        for (const int dimension : {2, 3}) {
            CAPTURE(order);
            CAPTURE(dimension);
            double across = 0;
            for (int axis = 0; axis < dimension; ++axis)
                across +=
                    1 / (h[static_cast<std::size_t>(axis)] * h[static_cast<std::size_t>(axis)]);
            const auto staggered = [&](double v) { return 1 / (v * sum * std::sqrt(across)); };
            const Range m{1 / 4e6, 1 / 4e6}, rho{1700, 1700};
            const Case<VariableDensityEquation<>> second{{m, rho}};
            CHECK(limit(second, dimension, order, h) ==
                  doctest::Approx(staggered(2000)).epsilon(1e-6));
            const Case<
                VariableDensityEquation<AcousticParameters::slowness_density, TimeOrder::four>>
                fourth{{m, rho}};
            CHECK(limit(fourth, dimension, order, h) ==
                  doctest::Approx(std::sqrt(3.0) * staggered(2000)).epsilon(1e-6));
            // A medium with memory is one without where it has no losses, and else between its slowest and its
            // fastest waves.
            const auto lossy = [&](double tau) {
                return Case<ViscoAcousticEquation<2>>{{m, rho, {tau, tau}}, {5, 40}};
            };
            // Centred differences are largest before the shortest wave, the second one across them at it.
            if (order == 2) {
                const double y = dimension == 3 ? 4 / (h[1] * h[1]) : 0;
                const double z = h[static_cast<std::size_t>(dimension) - 1];
                const Case<testing::TiltedEquation> centred{{{2000, 2000}, {}, {}, {}}};
                CHECK(limit(centred, dimension, order, h) ==
                      doctest::Approx(2 / (2000 * std::sqrt(1 / (h[0] * h[0]) + y + 1 / (z * z))))
                          .epsilon(1e-5));
            }
            CHECK(limit(lossy(0), dimension, order, h) ==
                  doctest::Approx(staggered(2000)).epsilon(1e-6));
            CHECK(limit(lossy(0.2), dimension, order, h) < staggered(2000));
            CHECK(limit(lossy(0.2), dimension, order, h) >=
                  staggered(2000 * std::sqrt(1.4)) * (1 - 1e-6));
        }
}

TEST_CASE("just below the limit of the step nothing grows") {
    for_each_case([]<class Declaration>(const Case<Declaration>& c) {
        Case<Declaration> uniform = c;
        for (Range& r : uniform.parameters) r.low = r.high = (r.low + r.high) / 2;
        std::vector<Case<Declaration>> media{uniform};
        // The limit of the tilted one depends on the tilt as well, and is that of the tilt at the fastest point.
        if (!std::is_same_v<Declaration, testing::TiltedEquation>) media.push_back(c);
        for (const Setting& s :
             {Setting{2, 2, false, false}, Setting{2, 4, true, false}, Setting{2, 16, true, false},
              Setting{3, 2, true, false}, Setting{3, 8, true, false}, Setting{3, 4, false, false}})
            for (const Case<Declaration>& medium : media) {
                const Physics w = Declaration::declare(s.dimension);
                CAPTURE(w.parameters[0].name);
                CAPTURE(name(s));
                Problem p = problem_of(s, c.settings, 0);
                p.free_surface = s.free_surface && has_surface(w);
                p.layer.cells = 0;
                const auto& e = equation<Declaration, double>(s.dimension);
                const auto parameters = Shot<double, Declaration>::rough(medium, p);
                p.dt = 1e-6;
                p.dt = 0.999 * Engine<double>{e, p, parameters.data()}.stable_dt();
                const Engine<double> engine{e, p, parameters.data()};
                PlacedPoints source;
                for (const Part& part : engine.physics().sources[0].parts) {
                    source.parts.push_back({part, {}});
                    append_point(source.parts.back().points, engine.point_grid(part.field),
                                 {6.3, 7.4, 8.2}, Interpolation::sinc);
                }
                constexpr index_t driven = 20, steps = 600;
                auto pulse = randoms<double>(steps, 3);
                std::fill(pulse.begin() + driven, pulse.end(), 0);
                // The largest value of the first field in the first hundred silent steps, and in the rest.
                double early = 0, late = 0;
                Workspace<double> workspace;
                const Layout& l = engine.medium().layout();
                engine.forward(workspace, {&source, pulse.data()}, {}, steps,
                               [&](index_t n, const FieldSet<double>& fields) {
                                   if (n <= driven) return;
                                   double& most = n <= driven + 100 ? early : late;
                                   for (index_t x = 0; x < l.nx; ++x)
                                       for (index_t y = 0; y < l.ny; ++y)
                                           for (index_t z = 0; z < l.nz; ++z)
                                               most = std::max(
                                                   most,
                                                   std::abs(fields.current(0)[l.field(x, y, z)]));
                               });
                CHECK(early > 0);
                // Centred differences do not see the shortest waves, which go on as the source has pushed them.
                const bool is_centred = std::is_same_v<Declaration, testing::TiltedEquation>;
                CHECK(late <= (is_centred ? 600.0 / 120 : 2) * early);
            }
    });
}

namespace {

/// The pressure at one point from the source "pressure" at another, both on the grid's points.
std::vector<double> pressure_from(const Engine<double>& engine, const std::array<double, 3>& from,
                                  const std::array<double, 3>& to, const std::vector<double>& s) {
    const auto place = [&](const auto& ports, const std::array<double, 3>& at) {
        PlacedPoints placed;
        for (const Port& port : ports) {
            if (std::string{port.name} != "pressure") continue;
            for (const Part& part : port.parts) {
                PlacedPart all{part, {}};
                append_point(all.points, engine.point_grid(part.field), at, Interpolation::linear);
                placed.parts.push_back(all);
            }
        }
        return placed;
    };
    const auto source = place(engine.physics().sources, from),
               receiver = place(engine.physics().receivers, to);
    std::vector<double> r(s.size());
    Workspace<double> workspace;
    engine.forward(workspace, {&source, s.data()}, {&receiver, r.data()},
                   static_cast<index_t>(s.size()));
    return r;
}

/// The same staggered differences, once as one equation and once as two: v at half steps.
void check_explosion_in_fluid(int dimension, int order, index_t extent) {
    Problem p;
    p.dimension = dimension;
    index_t size = 1;
    for (std::size_t k = 0; k < static_cast<std::size_t>(dimension); ++k) {
        p.extents[k] = extent;
        p.spacing[k] = std::array{10.0, 9.0, 11.0}[k];
        size *= extent;
    }
    p.order = order;
    p.layer.cells = 0;
    p.dt = 1e-3;
    const auto v = randoms<double>(size, 4, 1500, 2500), rho = randoms<double>(size, 3, 1000, 2000);
    std::vector<double> elastic = v, acoustic;
    elastic.resize(2 * v.size());  // no shear
    for (const double value : v) acoustic.push_back(1 / (value * value));
    for (auto* all : {&elastic, &acoustic}) all->insert(all->end(), rho.begin(), rho.end());
    const Engine<double> solid{equation<ElasticEquation<>, double>(dimension), p, elastic.data()};
    const Engine<double> fluid{equation<VariableDensityEquation<>, double>(dimension), p,
                               acoustic.data()};
    const index_t middle = extent / 2;
    const auto m = static_cast<double>(middle);
    const std::array<double, 3> from{m, m, m}, to{m + 5, m - 3, m + 2};
    index_t at = 0;
    for (int k = 0; k < dimension; ++k) at = at * extent + middle;
    const double modulus =
        rho[static_cast<std::size_t>(at)] * std::pow(v[static_cast<std::size_t>(at)], 2);
    // sigma_t = -s in a fluid is p_t = s: the acoustic source is its rate over the bulk modulus,
    // dt^2 rho v^2 f[n] = dt (s[n] - s[n-1]), with a step of delay between the two.
    std::vector<double> s(60), f(s.size());
    for (std::size_t n = 0; n < 20; ++n)
        s[n] = std::sin(0.2 * static_cast<double>(n)) * static_cast<double>(n);
    for (std::size_t n = 0; n < f.size(); ++n)
        f[n] = (s[n] - (n > 0 ? s[n - 1] : 0)) / (p.dt * modulus);
    const auto from_solid = pressure_from(solid, from, to, s);
    const auto from_fluid = pressure_from(fluid, from, to, f);
    double error = 0;
    for (std::size_t n = 0; n < s.size(); ++n)
        error = std::max(error, std::abs(from_solid[n] - from_fluid[n]));
    CHECK(norm(from_solid) > 0);
    CHECK(error <= 1e-12 * norm(from_solid));
}

}  // namespace

TEST_CASE(
    "an explosion in a fluid makes the pressure of the acoustic equation of variable density") {
    check_explosion_in_fluid(2, 4, 61);
    for (const int order : {4, 8}) check_explosion_in_fluid(3, order, 31);
}

TEST_CASE("a medium of which no waves can be made is refused by the point and the parameter") {
    const auto refused = [](const auto& c, std::size_t parameter, double value,
                            const std::string& expected) {
        using Declaration = typename std::remove_cvref_t<decltype(c)>::Declaration;
        Shot<double, Declaration> shot{c, {2, 4, false, false}, 0, 0};
        const std::size_t size = shot.parameters.size() / c.parameters.size();
        auto parameters = shot.parameters;
        parameters[parameter * size + 5 * 27 + 6] = value;
        CAPTURE(expected);
        try {
            Engine<double>{equation<Declaration, double>(2), shot.problem, parameters.data()};
            FAIL("no error");
        } catch (const ModelError& error) {
            const std::string words = error.what();
            CAPTURE(words);
            CHECK(words.find(expected) != std::string::npos);
            CHECK(words.find("at point (5, 6) of 23 x 27") != std::string::npos);
        }
    };
    using enum AcousticParameters;
    const Case<VariableDensityEquation<slowness_density>> dense{{slowness, density}};
    const Case<VariableDensityEquation<velocity_density>> fast{{velocity, density}};
    const Case<ElasticEquation<>> solid{{{2000, 3000}, {0, 1300}, density}};
    const Case<ElasticEquation<ElasticParameters::moduli>> stiff{
        {{2e9, 9e9}, {0, 3e9}, {1800, 2300}}};
    const Case<ViscoAcousticEquation<1>> lossy{{slowness, density, {0.01, 0.2}}, {15}};
    const double nan = std::nan("");
    refused(dense, 0, -1e-7, "a positive, finite wave speed everywhere");
    for (const double rho : {0.0, -1000.0}) refused(dense, 1, rho, "density above zero everywhere");
    refused(dense, 1, nan, "finite values of rho everywhere");
    refused(fast, 0, -2000, "velocity above zero everywhere");
    refused(solid, 0, -2500, "vp above zero everywhere");
    refused(solid, 1, -900, "vs not below zero everywhere");
    refused(solid, 1, 3500, "P waves are faster than S waves");
    refused(solid, 2, -1000, "density above zero everywhere");
    refused(stiff, 0, -4e9, "P waves are faster than S waves");
    refused(lossy, 2, -0.1, "strength of relaxation not below zero everywhere");
}

namespace {

/// The waves of FrictionEquation, each field in one term; or with a Laplacian that feeds them.
constexpr Physics in_one_term(bool feeds) {
    Physics w{2};
    const auto v = w.parameter("v", "m/s");
    const auto g = w.parameter("g", "1/s");
    const auto u = w.wavefield("u");
    const auto h = 2 * w.dt() * g;
    const auto c = w.dt() * w.dt() * v * v;
    w.update(u, (2 - h) * u - (1 - h) * before(u) + (feeds ? -1 * c : c) * w.laplacian(u));
    w.speeds(v);
    return w;
}

double limit_of_step(const Physics& physics) {
    const Program program = forward_program(physics);
    return stable_time_step({&physics, &program, {2000, 20}, {}, 4, {10, 10}});
}

}  // namespace

TEST_CASE("terms of a field add up, and an equation that feeds its waves has no time step") {
    const double apart = limit_of_step(testing::FrictionEquation::declare(2));
    CHECK(apart == doctest::Approx(limit_of_step(in_one_term(false))).epsilon(1e-12));
    CHECK(apart > 1e-4);
    CHECK_THROWS_WITH_AS(limit_of_step(in_one_term(true)),
                         doctest::Contains("grows even in steps of 5e-07 s"), StabilityError);
}

TEST_CASE_TEMPLATE("growth that no time step can stop ends a run, with its step and place", T,
                   float, double) {
    Problem p;
    p.extents = {40, 30};
    p.spacing = {10, 10};
    p.order = 4;
    p.layer.cells = 0;
    p.dt = 1;
    constexpr std::size_t size = 40 * 30;
    std::vector<T> parameters(3 * size, T(0.25));  // 2 km/s, which 3 ms would suit
    std::fill_n(parameters.begin() + size, size, T(1));
    std::fill_n(parameters.begin() + 2 * size, size, T(0));
    const auto run = [&](T friction) {
        for (std::size_t i = 0; i < 10 * 30; ++i) {
            parameters[i] = T(0.5);  // the limit of the step is that of the faster part
            parameters[2 * size + i] = friction;
        }
        const Engine<T> engine{equation<JudiEquation, T>(2), p, parameters.data()};
        PlacedPart part{engine.physics().sources[0].parts[0], {}};
        append_point(part.points, engine.point_grid(0), {20, 15}, Interpolation::linear);
        const PlacedPoints point{{part}};
        constexpr index_t steps = 900;
        std::vector<T> s(steps), r(steps);
        for (std::size_t n = 150; n < 190; ++n)
            s[n] = static_cast<T>(1e-9 * std::sin(0.2 * static_cast<double>(n)));
        Workspace<T> workspace;
        engine.forward(workspace, {&point, s.data()}, {&point, r.data()}, steps);
        return norm(r);
    };
    CHECK(run(0) > 0);
    CHECK(run(T(0.1)) > 0);
    try {
        run(T(-0.1));
        FAIL("no error");
    } catch (const StabilityError& error) {
        const std::string words = error.what();
        CAPTURE(words);
        CHECK(words.find("ten orders of magnitude at step ") != std::string::npos);
        CHECK(words.find("largest in cells 0 to ") != std::string::npos);
        CHECK(words.find("terms do not feed it") != std::string::npos);
    }
}

TEST_CASE("the equation that JUDI solves is a declaration: its shot record, sponge included" *
          needs_public_data) {
    const std::string path = public_data("reference/judi_shot_record_250.segy");
    if (path.empty()) return;
    const auto expected = textbook::read_segy_ieee(path);
    REQUIRE(expected.size() == 99);
    // Two layers in 101 x 101 cells of 10 m, with 40 cells around them; m, ms, km/s and g/cm3.
    constexpr int pad = 40, cells = 101 + 2 * pad;
    Problem p;
    p.extents = {cells, cells};
    p.spacing = {10, 10};
    p.order = 8;
    p.layer.cells = 0;
    p.dt = 1.479;
    std::vector<double> damp(cells);
    const double pi = std::acos(-1.0);
    for (int i = 0; i < 37; ++i) {
        const double share = (38 - i) / 37.0;
        const double value =
            1.5 * std::log(1000.0) / 37 * (share - std::sin(2 * pi * share) / (2 * pi)) / 10;
        damp[static_cast<std::size_t>(i)] = damp[static_cast<std::size_t>(cells - 1 - i)] = value;
    }
    std::vector<double> parameters(3 * cells * cells);
    for (std::size_t x = 0; x < cells; ++x)
        for (std::size_t z = 0; z < cells; ++z) {
            const double v = z < pad + 50 ? 1.5 : 3.5;
            parameters[x * cells + z] = 1 / (v * v);
            parameters[(cells + x) * cells + z] = 2 / (v + 0.5);
            parameters[(2 * cells + x) * cells + z] = damp[x] + damp[z];
        }
    const Engine<double> engine{equation<JudiEquation, double>(2), p, parameters.data()};
    constexpr index_t steps = 338;
    std::vector<double> wavelet(667);
    for (std::size_t i = 0; i < wavelet.size(); ++i) {
        const double r = pi * 0.015 * (0.75 * static_cast<double>(i) - 1 / 0.015);
        wavelet[i] = (1 - 2 * r * r) * std::exp(-r * r);
    }
    auto s = textbook::sinc_resample(wavelet, 0.75, p.dt, steps);
    // u += w dt^2/(m b) where v is 1.5 and rho 1, as s / (V dt).
    for (double& value : s) value *= p.dt * p.dt * 2.25 * 100 * p.dt;
    s[0] = 0;
    PlacedPoints source{{{engine.physics().sources[0].parts[0], {}}}};
    PlacedPoints receivers{{{engine.physics().receivers[0].parts[0], {}}}};
    append_point(source.parts[0].points, engine.point_grid(0), {pad + 25, pad + 2},
                 Interpolation::linear);
    for (int r = 1; r <= 99; ++r)
        append_point(receivers.parts[0].points, engine.point_grid(0),
                     {static_cast<double>(pad + r), pad + 5}, Interpolation::linear);
    std::vector<double> recorded(99 * steps);
    Workspace<double> workspace;
    engine.forward(workspace, {&source, s.data()}, {&receivers, recorded.data()}, steps);
    double error = 0, size = 0;
    for (std::size_t r = 0; r < 99; ++r) {
        std::vector<double> trace(recorded.begin() + static_cast<index_t>(r) * steps,
                                  recorded.begin() + static_cast<index_t>(r + 1) * steps);
        trace.back() = 0;  // the last step is not recorded there
        const auto found = textbook::sinc_resample(trace, p.dt, 0.75, 667);
        for (std::size_t i = 0; i < found.size(); ++i) {
            error += (found[i] - expected[r][i]) * (found[i] - expected[r][i]);
            size += expected[r][i] * expected[r][i];
        }
    }
    MESSAGE("relative difference " << std::sqrt(error / size));
    CHECK(error <= 1e-8 * size);
}
