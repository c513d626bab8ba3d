/// A wave equation as a declaration: parameters, fields, and the updates of a time step.
///
///     struct Acoustic {
///         static constexpr wave::Physics declare(int dimension) {
///             wave::Physics w{dimension};
///             const auto m = w.parameter("m", "s2/m2");
///             const auto u = w.wavefield("u");
///             const auto c = w.dt() * w.dt() / m;
///             w.update(u, 2 * u - before(u) + c * w.laplacian(u));
///             w.source("pressure", u, c);
///             w.receiver("pressure", u);
///             w.speeds(1 / sqrt(m));
///             return w;
///         }
///     };
///
/// Updates run in the order in which they are written. Each is  f <- a f + sum_k b_k r_k + sum_q k_q g_q  with
/// coefficients that are expressions of the parameters, rates r_k that are sums of differences of fields, and
/// values g_q of fields at the same point. From the list everything else is derived (program.hpp, transposed.hpp): stages
/// that are swept together, the transposed list, scattering and gradients, halo widths, the stability limit.
/// All of it happens while compiling; a declaration that makes no sense does not compile.
#pragma once

#include <concepts>
#include <cstdint>

namespace lop::wave {

/// A list of at most N items, usable as a template argument.
template <class T, int N> struct List {
    T items[N]{};
    int count = 0;

    constexpr void push(const T& item) {
        if (count == N) throw "a wave equation of more parts than a list holds";
        items[count++] = item;
    }
    constexpr const T& operator[](int i) const { return items[i]; }
    constexpr T& operator[](int i) { return items[i]; }
    constexpr const T* begin() const { return items; }
    constexpr const T* end() const { return items + count; }
    constexpr bool operator==(const List&) const = default;
};

/// The most parts of an equation: visco-elastic waves in three dimensions need three quarters of them.
inline constexpr int most_fields =
    24;  ///< and updates, sums of differences, fields of the transposed step
inline constexpr int most_differences = 12;  ///< in a stage
inline constexpr int most_sources = 8;       ///< fields that are differenced together
inline constexpr int most_coefficients = 64;

/// Where a field lies within a cell: on the grid point, or half a cell further along some axes.
struct Position {
    bool half[3]{};
    constexpr bool operator==(const Position&) const = default;
    constexpr Position toggled(int axis) const {
        Position other = *this;
        other.half[axis] = !half[axis];
        return other;
    }
    constexpr bool is_half() const { return half[0] || half[1] || half[2]; }
};

// ---- coefficients ------------------------------------------------------------------------------

enum class Op : std::int8_t {
    constant,
    parameter,
    setting,
    time_step,
    add,
    subtract,
    multiply,
    divide,
    root,
    exponential,
    average,
    harmonic,
    surface
};

/// A node of an expression of parameters. `average` is the mean of `left` over the grid points around a
/// position between them, `harmonic` their harmonic mean, zero where one of them is. `surface` is `right` in the first
/// row along z where there is a free surface, and `left` everywhere else.
struct Node {
    Op op = Op::constant;
    int left = -1;
    int right = -1;
    double value = 0;  ///< of a constant
    Position position{};
};

class Physics;

struct Coefficient {
    Physics* owner = nullptr;
    int node = -1;
};

// ---- fields and differences --------------------------------------------------------------------

enum class FieldKind : std::int8_t {
    simple,    ///< kept from step to step, updated in place
    leap,      ///< second order in time: two levels that take turns, the older one is overwritten
    temporary  ///< made anew in each step
};

enum class Difference : std::int8_t {
    laplacian,  ///< sum of the second differences along all axes
    second,     ///< centred second difference
    centred,    ///< centred first difference
    forward,    ///< staggered first difference, from points to half points
    backward    ///< staggered first difference, from half points to points
};

struct Parameter {
    const char* name = "";
    const char* unit = "";
};

struct DeclaredField {
    const char* name = "";
    FieldKind kind = FieldKind::simple;
    Position position{};
};

struct SignedField {
    int field = -1;
    int sign = 1;
    constexpr bool operator==(const SignedField&) const = default;
};

/// sign * difference of a sum of fields.
struct RateTerm {
    Difference kind = Difference::second;
    int axis = 0;
    List<SignedField, most_sources> sources{};
    int sign = 1;
    constexpr bool operator==(const RateTerm&) const = default;
};

struct Field {
    Physics* owner = nullptr;
    int id = -1;
};
/// The older level of a wavefield.
struct Before {
    Physics* owner = nullptr;
    int id = -1;
};
constexpr Before before(Field field) { return {field.owner, field.id}; }

struct Rate {
    Physics* owner = nullptr;
    List<RateTerm, 9> terms{};
};

enum class TermKind : std::int8_t { rate, value, before };

/// coefficient * (rate, value of a field, or its older level)
struct Term {
    TermKind kind = TermKind::value;
    int node = -1;
    int field = -1;
    List<RateTerm, 9> rate{};
};

struct Terms {
    Physics* owner = nullptr;
    List<Term, 8> terms{};
};

/// A field that a source drives or a receiver reads. Sources: f += coefficient * s / (V dt); receivers: the
/// value weight * f, or weight * its derivative along an axis.
struct Part {
    int field = -1;
    int node = -1;
    double weight = 1;
    int derivative = -1;
};

struct Port {
    const char* name = "";
    List<Part, 6> parts{};
};

struct DeclaredUpdate {
    int target = -1;
    List<Term, 8> terms{};
};

/// An expression that is above zero in every medium, or not below.
struct Bound {
    const char* name = "";
    int node = -1;
    bool may_vanish = false;
};

/// See the head of this file.
class Physics {
 public:
    constexpr explicit Physics(int dimensions) : dimension{dimensions} {}

    /// What the medium is made of, and what models hold and Jacobians differentiate by, in this order.
    constexpr Coefficient parameter(const char* name, const char* unit) {
        parameters.push({name, unit});
        return make({Op::parameter, parameters.count - 1});
    }
    /// A number that belongs to the medium as a whole: no model holds it, no Jacobian differentiates by it.
    constexpr Coefficient setting(const char* name, const char* unit) {
        settings.push({name, unit});
        return make({Op::setting, settings.count - 1});
    }
    constexpr Coefficient dt() { return make({Op::time_step}); }
    constexpr Coefficient constant(double value) { return make({Op::constant, -1, -1, value}); }

    constexpr Field field(const char* name, Position position = {}) {
        return add(name, FieldKind::simple, position);
    }
    constexpr Field wavefield(const char* name, Position position = {}) {
        return add(name, FieldKind::leap, position);
    }
    constexpr Field temporary(const char* name, Position position = {}) {
        return add(name, FieldKind::temporary, position);
    }
    /// Half a cell from the grid points along one axis, or along two.
    static constexpr Position half(int axis) { return Position{}.toggled(axis); }
    static constexpr Position half(int axis, int other) { return half(axis).toggled(other); }

    /// The mean of an expression over the points around the position of a field.
    constexpr Coefficient at(Field field, Coefficient expression) {
        const Position position = fields[field.id].position;
        if (!position.is_half()) return expression;
        return make({Op::average, expression.node, -1, 0, position});
    }
    /// Or its value at the point that a position between two follows, not averaged.
    constexpr Coefficient beside(Coefficient expression) {
        return make({Op::average, expression.node});
    }
    constexpr Coefficient harmonic_at(Field field, Coefficient expression) {
        const Position position = fields[field.id].position;
        if (!position.is_half()) return expression;
        return make({Op::harmonic, expression.node, -1, 0, position});
    }

    /// An expression, and another one instead of it in the row of a free surface, where there is one.
    constexpr Coefficient surface(Coefficient below, Coefficient on_it) {
        return make({Op::surface, below.node, on_it.node});
    }

    /// The first difference of a sum of fields along an axis, to the points between (staggered).
    constexpr Rate d(int axis, const Terms& sum) {
        const bool half_way = position_of(sum).half[axis];
        return rate(half_way ? Difference::backward : Difference::forward, axis, sum);
    }
    constexpr Rate d(int axis, Field f);
    /// The centred first difference, to the same points.
    constexpr Rate centred(int axis, const Terms& sum) {
        return rate(Difference::centred, axis, sum);
    }
    constexpr Rate centred(int axis, Field f);
    constexpr Rate d2(int axis, const Terms& sum) { return rate(Difference::second, axis, sum); }
    constexpr Rate d2(int axis, Field f);
    constexpr Rate laplacian(const Terms& sum) { return rate(Difference::laplacian, 0, sum); }
    constexpr Rate laplacian(Field f);

    /// Terms of the same field, or of its older level, add up.
    constexpr void update(Field target, const Terms& sum) {
        DeclaredUpdate declared{target.id};
        for (const Term& term : sum.terms) {
            int same = 0;
            while (same < declared.terms.count &&
                   !(term.kind != TermKind::rate && declared.terms[same].kind == term.kind &&
                     declared.terms[same].field == term.field))
                ++same;
            if (same == declared.terms.count) declared.terms.push(term);
            else declared.terms[same].node = sum_of(declared.terms[same].node, term.node);
        }
        updates.push(declared);
    }

    /// Sources drive f <- f + coefficient * s, receivers read f; several calls by the same name make one source
    /// or receiver of several fields.
    constexpr void source(const char* name, Field f, Coefficient coefficient, double weight = 1) {
        port(sources, name).parts.push({f.id, coefficient.node, weight});
    }
    constexpr void receiver(const char* name, Field f, double weight = 1) {
        port(receivers, name).parts.push({f.id, -1, weight});
    }
    /// First differences, as the derivatives that interpolation has at the receivers, wherever fields lie.
    constexpr void receiver(const char* name, const Rate& sum, double weight = 1) {
        for (const RateTerm& term : sum.terms) {
            if (term.kind == Difference::laplacian || term.kind == Difference::second)
                throw "a receiver of second differences";
            for (const SignedField& f : term.sources)
                port(receivers, name)
                    .parts.push({f.field, -1, weight * term.sign * f.sign, term.axis});
        }
    }
    /// The speed of the fastest wave and of the slowest one, in m/s.
    constexpr void speeds(Coefficient fastest, Coefficient slowest) {
        fastest_speed = fastest.node;
        slowest_speed = slowest.node;
    }
    constexpr void speeds(Coefficient speed) { speeds(speed, speed); }

    /// What a medium must have at every point, by name, besides finite parameters and speeds: an expression above zero, or
    /// not below; dt() counts as zero in it, averages as their points' values.
    constexpr void positive(const char* name, Coefficient expression) {
        bounds.push({name, expression.node});
    }
    constexpr void not_negative(const char* name, Coefficient expression) {
        bounds.push({name, expression.node, true});
    }

    /// Where there is a free surface, in the first row along z, this field is zero on it. Fields on grid points alone
    /// go on above it as odd images. With one that lies half a cell below, a traction, the surface ends in
    /// differences that keep the energy (closure.hpp), and what is differenced along z in the updates of a field that
    /// is held at zero counts for nothing in that row.
    constexpr void vanishes_at_surface(Field f) { vanishing.push(f.id); }
    constexpr bool vanishes(int field) const {
        for (const int f : vanishing)
            if (f == field) return true;
        return false;
    }
    constexpr bool has_tractions() const {
        for (const int f : vanishing)
            if (fields[f].position.half[dimension - 1]) return true;
        return false;
    }
    /// Whether a field lies on a free surface and is held at zero there.
    constexpr bool is_held(int field) const {
        return vanishes(field) && !fields[field].position.half[dimension - 1];
    }

    constexpr Coefficient make(const Node& node) {
        nodes.push(node);
        return {this, nodes.count - 1};
    }
    /// Whether an expression depends on any parameter.
    constexpr bool depends(int node) const {
        const Node& n = nodes[node];
        switch (n.op) {
            case Op::constant:
            case Op::setting:
            case Op::time_step: return false;
            case Op::parameter: return true;
            case Op::root:
            case Op::exponential:
            case Op::average:
            case Op::harmonic: return depends(n.left);
            default: return depends(n.left) || depends(n.right);
        }
    }
    constexpr int sum_of(int a, int b) {
        if (nodes[a].op == Op::constant && nodes[b].op == Op::constant)
            return constant(nodes[a].value + nodes[b].value).node;
        return make({Op::add, a, b}).node;
    }
    constexpr bool is_constant(int node, double value) const {
        return nodes[node].op == Op::constant && nodes[node].value == value;
    }

    int dimension;
    List<Parameter, 8> parameters{};
    List<Parameter, 8> settings{};
    List<Node, 192> nodes{};
    List<DeclaredField, most_fields> fields{};
    List<DeclaredUpdate, most_fields> updates{};
    List<Port, 12> sources{};
    List<Port, 16> receivers{};
    List<int, 4> vanishing{};
    List<Bound, 8> bounds{};
    int fastest_speed = -1;
    int slowest_speed = -1;

 private:
    constexpr Field add(const char* name, FieldKind kind, Position position) {
        fields.push({name, kind, position});
        return {this, fields.count - 1};
    }
    constexpr Position position_of(const Terms& sum) const {
        return fields[sum.terms[0].field].position;
    }
    constexpr Rate rate(Difference kind, int axis, const Terms& sum) {
        RateTerm term{kind, axis};
        for (const Term& t : sum.terms) {
            const bool plus = is_constant(t.node, 1);
            if (t.kind != TermKind::value || !(plus || is_constant(t.node, -1)))
                throw "a difference is one of fields, added and subtracted";
            if (!(fields[t.field].position == position_of(sum)))
                throw "fields at unlike positions in one difference";
            term.sources.push({t.field, plus ? 1 : -1});
        }
        Rate result{this};
        result.terms.push(term);
        return result;
    }
    template <class Ports> static constexpr Port& port(Ports& ports, const char* name) {
        for (int i = 0; i < ports.count; ++i)
            if (same(ports[i].name, name)) return ports[i];
        ports.push({name});
        return ports[ports.count - 1];
    }
    static constexpr bool same(const char* a, const char* b) {
        for (; *a && *a == *b; ++a) ++b;
        return *a == *b;
    }
};

// ---- expressions of coefficients -----------------------------------------------------------------

constexpr Coefficient operator+(Coefficient a, Coefficient b) {
    return a.owner->make({Op::add, a.node, b.node});
}
constexpr Coefficient operator-(Coefficient a, Coefficient b) {
    return a.owner->make({Op::subtract, a.node, b.node});
}
constexpr Coefficient operator*(Coefficient a, Coefficient b) {
    return a.owner->make({Op::multiply, a.node, b.node});
}
constexpr Coefficient operator/(Coefficient a, Coefficient b) {
    return a.owner->make({Op::divide, a.node, b.node});
}
constexpr Coefficient operator+(Coefficient a, double b) { return a + a.owner->constant(b); }
constexpr Coefficient operator+(double a, Coefficient b) { return b.owner->constant(a) + b; }
constexpr Coefficient operator-(Coefficient a, double b) { return a - a.owner->constant(b); }
constexpr Coefficient operator-(double a, Coefficient b) { return b.owner->constant(a) - b; }
constexpr Coefficient operator*(Coefficient a, double b) { return a * a.owner->constant(b); }
constexpr Coefficient operator*(double a, Coefficient b) { return b.owner->constant(a) * b; }
constexpr Coefficient operator/(Coefficient a, double b) { return a / a.owner->constant(b); }
constexpr Coefficient operator/(double a, Coefficient b) { return b.owner->constant(a) / b; }
constexpr Coefficient operator-(Coefficient a) { return -1.0 * a; }
constexpr Coefficient sqrt(Coefficient a) { return a.owner->make({Op::root, a.node}); }
constexpr Coefficient exp(Coefficient a) { return a.owner->make({Op::exponential, a.node}); }

// ---- sums of differences and values ---------------------------------------------------------------

constexpr Rate operator+(const Rate& a, const Rate& b) {
    Rate sum = a;
    for (const RateTerm& term : b.terms) sum.terms.push(term);
    return sum;
}
constexpr Rate operator-(const Rate& a) {
    Rate negative = a;
    for (int i = 0; i < negative.terms.count; ++i) negative.terms[i].sign = -negative.terms[i].sign;
    return negative;
}
constexpr Rate operator-(const Rate& a, const Rate& b) { return a + -b; }

constexpr Terms operator*(Coefficient k, const Rate& rate) {
    Terms sum{k.owner};
    sum.terms.push({TermKind::rate, k.node, -1, rate.terms});
    return sum;
}
constexpr Terms operator*(Coefficient k, Field f) {
    Terms sum{k.owner};
    sum.terms.push({TermKind::value, k.node, f.id});
    return sum;
}
constexpr Terms operator*(Coefficient k, Before f) {
    Terms sum{k.owner};
    sum.terms.push({TermKind::before, k.node, f.id});
    return sum;
}
template <class A>
concept SummedPart = std::same_as<A, Rate> || std::same_as<A, Field> || std::same_as<A, Before>;

template <SummedPart A> constexpr Terms operator*(double k, const A& a) {
    return a.owner->constant(k) * a;
}
constexpr Terms terms_of(const Terms& a) { return a; }
template <SummedPart A> constexpr Terms terms_of(const A& a) { return 1.0 * a; }
template <class A>
concept Summand = SummedPart<A> || std::same_as<A, Terms>;

/// Sums of rates stay rates; whatever else is added becomes a sum of terms.
template <Summand A, Summand B> constexpr Terms operator+(const A& a, const B& b) {
    Terms sum = terms_of(a);
    const Terms other = terms_of(b);
    for (const Term& term : other.terms) sum.terms.push(term);
    return sum;
}
template <Summand A> constexpr Terms operator-(const A& a) {
    Terms negative = terms_of(a);
    Physics& owner = *negative.owner;
    for (int i = 0; i < negative.terms.count; ++i) {
        Term& t = negative.terms[i];
        t.node = owner.nodes[t.node].op == Op::constant
                     ? owner.constant(-owner.nodes[t.node].value).node
                     : (-Coefficient{&owner, t.node}).node;
    }
    return negative;
}
template <Summand A, Summand B> constexpr Terms operator-(const A& a, const B& b) {
    return terms_of(a) + -terms_of(b);
}

constexpr Rate Physics::d(int axis, Field f) { return d(axis, terms_of(f)); }
constexpr Rate Physics::centred(int axis, Field f) { return centred(axis, terms_of(f)); }
constexpr Rate Physics::d2(int axis, Field f) { return d2(axis, terms_of(f)); }
constexpr Rate Physics::laplacian(Field f) { return laplacian(terms_of(f)); }

}  // namespace lop::wave
