/// Derivatives: the rows of each difference matrix, and sweeps over them. Forward and adjoint read
/// every array once and write one; the adjoint gathers from the transposed rows.
#include <lop/operators/derivative.hpp>

#include "operators/differences.hpp"
#include <lop/core/error.hpp>

#include <cmath>

namespace lop {
namespace {

void check_spacing(const std::string& asked, double spacing) {
    if (spacing > 0 && std::isfinite(spacing)) return;
    throw ArgumentError{asked, {.expected = "a positive spacing", .found = number_words(spacing)}};
}

void check_long_enough(const std::string& asked, index_t n, index_t least) {
    if (n >= least) return;
    throw ArgumentError{asked,
                        {.expected = "at least " + std::to_string(least) +
                                     " values along the axis, for the differences at its ends",
                         .found = std::to_string(n),
                         .remedy = "edge = false, which leaves the ends zero"}};
}

std::string asked_of(const std::string& name, const Shape& shape, int axis) {
    return name + " along axis " + std::to_string(axis) + " of " + shape.str();
}

/// The rows of FirstDerivative times `weight`.
Band first_band(const std::string& name, const Shape& shape, const FirstDerivativeOptions& options,
                double weight = 1) {
    const std::string asked = asked_of(name, shape, options.axis);
    check_spacing(asked, options.spacing);
    const index_t n = shape[options.axis];
    const double w = weight / options.spacing;
    const bool centered = options.kind == Difference::centered;
    if (options.points != 3 && options.points != 5)
        throw ArgumentError{asked,
                            {.expected = "centred differences of 3 or 5 points",
                             .found = std::to_string(options.points)}};
    const bool edge = centered && options.edge;
    if (edge) check_long_enough(asked, n, options.points == 3 ? 2 : 3);
    return Band{n, [=](index_t k) -> Taps {
                    const index_t left = k;           // values in front of this one,
                    const index_t right = n - 1 - k;  // and behind
                    if (options.kind == Difference::forward)
                        return right < 1 ? Taps{} : Taps{{0, -w}, {1, w}};
                    if (options.kind == Difference::backward)
                        return left < 1 ? Taps{} : Taps{{-1, -w}, {0, w}};
                    if (options.points == 5 && left >= 2 && right >= 2)
                        return {{-2, w / 12}, {-1, -2 * w / 3}, {1, 2 * w / 3}, {2, -w / 12}};
                    if ((options.points == 3 || edge) && left >= 1 && right >= 1)
                        return {{-1, -w / 2}, {1, w / 2}};
                    if (!edge) return {};
                    return left == 0 ? Taps{{0, -w}, {1, w}} : Taps{{-1, -w}, {0, w}};
                }};
}

/// The rows of SecondDerivative times `weight`.
Band second_band(const std::string& name, const Shape& shape,
                 const SecondDerivativeOptions& options, double weight = 1) {
    const std::string asked = asked_of(name, shape, options.axis);
    check_spacing(asked, options.spacing);
    const index_t n = shape[options.axis];
    const double w = weight / (options.spacing * options.spacing);
    const bool edge = options.kind == Difference::centered && options.edge;
    if (edge) check_long_enough(asked, n, 3);
    return Band{n, [=](index_t k) -> Taps {
                    const index_t left = k;
                    const index_t right = n - 1 - k;
                    const Taps ahead{{0, w}, {1, -2 * w}, {2, w}};
                    const Taps behind{{-2, w}, {-1, -2 * w}, {0, w}};
                    if (options.kind == Difference::forward) return right < 2 ? Taps{} : ahead;
                    if (options.kind == Difference::backward) return left < 2 ? Taps{} : behind;
                    if (left >= 1 && right >= 1) return {{-1, w}, {0, -2 * w}, {1, w}};
                    if (!edge) return {};
                    return left == 0 ? ahead : behind;
                }};
}

Differences::Term term_of(int axis, const Band& band) { return {axis, band, band.transposed()}; }

/// A list with one number for each of `count`, ones if it is empty.
std::vector<double> one_each(const std::string& asked, const char* what,
                             const std::vector<double>& given, std::size_t count) {
    if (given.empty()) return std::vector<double>(count, 1.0);
    if (given.size() == count) return given;
    throw ArgumentError{asked,
                        {.expected = std::to_string(count) + " " + what + ", one for each axis",
                         .found = std::to_string(given.size())}};
}

void check_has_axes(const std::string& name, const Shape& shape) {
    if (shape.rank() > 0) return;
    throw ArgumentError{name, {.expected = "a space with at least one axis", .found = "none"}};
}

Differences laplacian_of(const Shape& shape, const LaplacianOptions& options) {
    const std::string name = "Laplacian";
    const std::string asked = name + " of " + shape.str();
    check_has_axes(name, shape);
    std::vector<int> axes = options.axes;
    for (int axis = 0; options.axes.empty() && axis < shape.rank(); ++axis) axes.push_back(axis);
    const auto weights = one_each(asked, "weights", options.weights, axes.size());
    const auto spacings = one_each(asked, "spacings", options.spacings, axes.size());
    Differences differences;
    std::vector<bool> seen(static_cast<std::size_t>(shape.rank()), false);
    for (std::size_t a = 0; a < axes.size(); ++a) {
        const int axis = checked_axis(name, shape, axes[a]);
        if (seen[static_cast<std::size_t>(axis)])
            throw ArgumentError{asked,
                                {.expected = "every axis once",
                                 .found = "axis " + std::to_string(axis) + " twice"}};
        seen[static_cast<std::size_t>(axis)] = true;
        if (!std::isfinite(weights[a]))
            throw ArgumentError{asked,
                                {.expected = "finite weights", .found = number_words(weights[a])}};
        differences.terms.push_back(term_of(
            axis,
            second_band(
                name, shape,
                {.axis = axis, .spacing = spacings[a], .kind = options.kind, .edge = options.edge},
                weights[a])));
    }
    return differences;
}

/// First derivatives along every axis, times the weights.
Differences gradient_of(const std::string& name, const Shape& shape, const GradientOptions& options,
                        const std::vector<double>& weights = {}) {
    check_has_axes(name, shape);
    const auto axes = static_cast<std::size_t>(shape.rank());
    const auto spacings = one_each(name + " of " + shape.str(), "spacings", options.spacings, axes);
    Differences differences;
    for (std::size_t a = 0; a < axes; ++a)
        differences.terms.push_back(
            term_of(static_cast<int>(a), first_band(name, shape,
                                                    {.axis = static_cast<int>(a),
                                                     .spacing = spacings[a],
                                                     .kind = options.kind,
                                                     .points = options.points,
                                                     .edge = options.edge},
                                                    weights.empty() ? 1 : weights[a])));
    return differences;
}

Shape stacked(const Shape& shape) {
    if (shape.rank() == Shape::max_rank)
        throw ArgumentError{"Gradient of " + shape.str(),
                            {.expected = "at most " + std::to_string(Shape::max_rank - 1) +
                                         " axes, for the range has one more",
                             .found = std::to_string(shape.rank())}};
    std::vector<index_t> extents{shape.rank()};
    for (int a = 0; a < shape.rank(); ++a) extents.push_back(shape[a]);
    return Shape{extents};
}

const std::vector<double>& checked_direction(const std::string& name, const Shape& shape,
                                             const std::vector<double>& direction) {
    bool finite = true;
    for (const double v : direction) finite = finite && std::isfinite(v);
    if (finite && direction.size() == static_cast<std::size_t>(shape.rank())) return direction;
    std::string found;
    for (const double v : direction) found += (found.empty() ? "" : ", ") + number_words(v);
    throw ArgumentError{name + " of " + shape.str(),
                        {.expected = "a direction of " + std::to_string(shape.rank()) +
                                     " finite numbers, one for each axis",
                         .found = "{" + found + "}"}};
}

template <Scalar R>
Array<R> checked_directions(const std::string& name, const Shape& shape, Array<R> directions) {
    check_has_axes(name, shape);
    const Shape expected = stacked(shape);
    if (directions.shape() != expected)
        throw SpaceError{name + " of " + shape.str() + " along a field of directions",
                         {.expected = describe_array<R, Host>("directions", expected),
                          .found = directions.describe()}};
    return directions;
}

// Complex values are two real ones, for all factors are.

template <Scalar T> constexpr index_t parts_of = is_complex<T> ? 2 : 1;
template <Scalar T> Real<T>* reals(T* values) { return reinterpret_cast<Real<T>*>(values); }
template <Scalar T> const Real<T>* reals(const T* values) {
    return reinterpret_cast<const Real<T>*>(values);
}

template <class R> using BandTerms = std::array<BandTerm<R>, Shape::max_rank>;

enum class Side { forward, adjoint };

/// The terms of a sum; term a reads from x + a * stride.
template <class R> BandTerms<R> band_terms(const Differences& d, Side side, const R* x,
                                           index_t stride) {
    BandTerms<R> terms{};
    for (std::size_t a = 0; a < d.terms.size(); ++a)
        terms[a] = {side == Side::forward ? &d.terms[a].forward : &d.terms[a].adjoint,
                    d.terms[a].axis, x + static_cast<index_t>(a) * stride};
    return terms;
}

/// Calls sweep(store) with the Store for so many results, as a type.
template <Scalar T, class Sweep> void with_store_for(index_t results, const Sweep& sweep) {
    if (results * static_cast<index_t>(sizeof(T)) >= past_caches_from)
        sweep(std::integral_constant<Store, Store::past_caches>{});
    else sweep(std::integral_constant<Store, Store::write>{});
}

/// y = sum_a D_a x_a (or D_a'), x_a = x + a * stride, in one pass.
template <Scalar T> void sweep(const Shape& shape, const Differences& d, Side side, const T* x,
                               index_t stride, T* y) {
    constexpr index_t parts = parts_of<T>;
    const auto terms = band_terms(d, side, reals(x), stride * parts);
    with_store_for<T>(shape.size(), [&](auto store) {
        over_slabs(shape, [&](const auto& each) {
            RowsSideBySide<store(), Real<T>> rows{stride == 0 && d.share_rows(shape)};
            each([&](const RowPiece& piece) {
                rows.add(combine_ends(shape, parts, piece, terms.data(), d.terms.size(),
                                      reals(y) + piece.base * parts));
            });
            rows.finish();
        });
    });
}

/// The elements [begin, end) of that sum, to y[0] and on.
template <Scalar T> void sweep_rows(const Shape& shape, const Differences& d, Side side, const T* x,
                                    index_t stride, index_t begin, index_t end, T* y) {
    constexpr index_t parts = parts_of<T>;
    const auto terms = band_terms(d, side, reals(x), stride * parts);
    over_row_pieces_of(shape, begin, end, [&](const RowPiece& piece) {
        combine_bands(shape, parts, piece, terms.data(), d.terms.size(),
                      reals(y) + (piece.base - begin) * parts);
    });
}

/// y_a = D_a x, y_a = y + a * stride; x is read once.
template <Scalar T> void sweep_each(const Shape& shape, const Differences& d, const T* x, T* y,
                                    index_t stride) {
    constexpr index_t parts = parts_of<T>;
    const auto terms = band_terms(d, Side::forward, reals(x), 0);
    with_store_for<T>(shape.size() * static_cast<index_t>(d.terms.size()), [&](auto store) {
        over_slabs(shape, [&](const auto& each) {
            RowsSideBySide<store(), Real<T>> rows{d.share_rows(shape)};
            each([&](const RowPiece& piece) {
                for (std::size_t a = 0; a < d.terms.size(); ++a)
                    rows.add(combine_ends(
                        shape, parts, piece, &terms[a], 1,
                        reals(y + static_cast<index_t>(a) * stride) + piece.base * parts));
            });
            rows.finish();
        });
    });
}

/// The elements [begin, end) of the y_a, one below the other.
template <Scalar T> void sweep_each_rows(const Shape& shape, const Differences& d, const T* x,
                                         index_t begin, index_t end, T* y) {
    constexpr index_t parts = parts_of<T>;
    const auto terms = band_terms(d, Side::forward, reals(x), 0);
    const index_t size = shape.size();
    for (index_t at = begin; at < end;) {
        const index_t a = at / size;
        const index_t from = at - a * size;
        const index_t to = std::min(size, end - a * size);
        over_row_pieces_of(shape, from, to, [&](const RowPiece& piece) {
            combine_bands(shape, parts, piece, &terms[static_cast<std::size_t>(a)], 1,
                          reals(y + (at - begin)) + (piece.base - from) * parts);
        });
        at += to - from;
    }
}

/// y = sum_a v_a . (D_a x), point by point.
template <Scalar T> void sweep_directions(const Shape& shape, const Differences& d,
                                          const Real<T>* v, const T* x, T* y) {
    using R = Real<T>;
    constexpr index_t parts = parts_of<T>;
    const index_t size = shape.size();
    const auto terms = band_terms(d, Side::forward, reals(x), 0);
    over_row_pieces(shape, [&](const RowPiece& piece) {
        std::array<R, 2 * widest_piece> along;  // D_a x of this piece
        const index_t count = piece.end - piece.begin;
        R* to = reals(y) + (piece.base + piece.begin) * parts;
        for (std::size_t a = 0; a < d.terms.size(); ++a) {
            combine_bands(shape, parts, piece, &terms[a], 1, along.data() - piece.begin * parts);
            const R* weight = v + static_cast<index_t>(a) * size + piece.base + piece.begin;
            const R* from = along.data();
            if (a == 0) std::fill_n(to, count * parts, R{});
#pragma omp simd
            for (index_t i = 0; i < count; ++i)
                for (index_t p = 0; p < parts; ++p)
                    to[i * parts + p] += weight[i] * from[i * parts + p];
        }
    });
}

/// x = sum_a D_a' (v_a . y): every tap brings its value times the direction where it lies.
template <Scalar T> void sweep_directions_back(const Shape& shape, const Differences& d,
                                               const Real<T>* v, const T* y, T* x) {
    using R = Real<T>;
    constexpr index_t parts = parts_of<T>;
    const int last = shape.rank() - 1;
    const index_t columns = shape[last];
    const auto gather = [&](const RowPiece& piece, index_t offset, const R* weights, R factor,
                            index_t begin, index_t end) {
        R* to = reals(x) + piece.base * parts;
        const R* from = reals(y) + (piece.base + offset) * parts;
        const R* weight = weights + piece.base + offset;
#pragma omp simd
        for (index_t i = begin; i < end; ++i)
            for (index_t p = 0; p < parts; ++p)
                to[i * parts + p] += (factor * weight[i]) * from[i * parts + p];
    };
    over_row_pieces(shape, [&](const RowPiece& piece) {
        std::fill(x + piece.base + piece.begin, x + piece.base + piece.end, T{});
        for (std::size_t a = 0; a < d.terms.size(); ++a) {
            const Band& band = d.terms[a].adjoint;
            const R* weights = v + static_cast<index_t>(a) * shape.size();
            const int axis = d.terms[a].axis;
            const index_t step = shape.product(axis + 1, last + 1);
            const auto run = [&](const Taps& taps, index_t begin, index_t end) {
                for (const Tap& tap : taps)
                    gather(piece, tap.offset * step, weights, static_cast<R>(tap.factor), begin,
                           end);
            };
            if (axis != last) {
                run(band.row(piece.at[static_cast<std::size_t>(axis)]), piece.begin, piece.end);
                continue;
            }
            const index_t inner_begin = std::clamp(band.head(), piece.begin, piece.end);
            const index_t inner_end = std::clamp(columns - band.tail(), inner_begin, piece.end);
            for (index_t c = piece.begin; c < inner_begin; ++c) run(band.row(c), c, c + 1);
            run(band.interior(), inner_begin, inner_end);
            for (index_t c = inner_end; c < piece.end; ++c) run(band.row(c), c, c + 1);
        }
    });
}

template <Scalar T> FirstDerivativeOptions resolved(const ArraySpace<T>& space,
                                                    FirstDerivativeOptions options) {
    options.axis = checked_axis("FirstDerivative", space.shape(), options.axis);
    return options;
}
template <Scalar T> SecondDerivativeOptions resolved(const ArraySpace<T>& space,
                                                     SecondDerivativeOptions options) {
    options.axis = checked_axis("SecondDerivative", space.shape(), options.axis);
    return options;
}

}  // namespace

template <Scalar T>
FirstDerivative<T>::FirstDerivative(ArraySpace<T> space, const FirstDerivativeOptions& options)
    : Operator<FirstDerivative, ArraySpace<T>>{space} {
    const auto chosen = resolved(space, options);
    differences_ = std::make_shared<const Differences>(
        Differences{{term_of(chosen.axis, first_band("FirstDerivative", space.shape(), chosen))}});
}
template <Scalar T> void FirstDerivative<T>::forward(const Array<T>& x, Array<T>& y) const {
    sweep(x.shape(), *differences_, Side::forward, x.data(), 0, y.data());
}
template <Scalar T> void FirstDerivative<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    sweep(y.shape(), *differences_, Side::adjoint, y.data(), 0, x.data());
}
template <Scalar T>
void FirstDerivative<T>::forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const {
    sweep_rows(x.shape(), *differences_, Side::forward, x.data(), 0, begin, end, y);
}
template <Scalar T>
void FirstDerivative<T>::adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const {
    sweep_rows(y.shape(), *differences_, Side::adjoint, y.data(), 0, begin, end, x);
}

template <Scalar T>
SecondDerivative<T>::SecondDerivative(ArraySpace<T> space, const SecondDerivativeOptions& options)
    : Operator<SecondDerivative, ArraySpace<T>>{space} {
    const auto chosen = resolved(space, options);
    differences_ = std::make_shared<const Differences>(Differences{
        {term_of(chosen.axis, second_band("SecondDerivative", space.shape(), chosen))}});
}
template <Scalar T> void SecondDerivative<T>::forward(const Array<T>& x, Array<T>& y) const {
    sweep(x.shape(), *differences_, Side::forward, x.data(), 0, y.data());
}
template <Scalar T> void SecondDerivative<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    sweep(y.shape(), *differences_, Side::adjoint, y.data(), 0, x.data());
}
template <Scalar T>
void SecondDerivative<T>::forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const {
    sweep_rows(x.shape(), *differences_, Side::forward, x.data(), 0, begin, end, y);
}
template <Scalar T>
void SecondDerivative<T>::adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const {
    sweep_rows(y.shape(), *differences_, Side::adjoint, y.data(), 0, begin, end, x);
}

template <Scalar T>
Laplacian<T>::Laplacian(ArraySpace<T> space, const LaplacianOptions& options)
    : Operator<Laplacian, ArraySpace<T>>{space},
      differences_{std::make_shared<const Differences>(laplacian_of(space.shape(), options))} {}
template <Scalar T> void Laplacian<T>::forward(const Array<T>& x, Array<T>& y) const {
    sweep(x.shape(), *differences_, Side::forward, x.data(), 0, y.data());
}
template <Scalar T> void Laplacian<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    sweep(y.shape(), *differences_, Side::adjoint, y.data(), 0, x.data());
}
template <Scalar T>
void Laplacian<T>::forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const {
    sweep_rows(x.shape(), *differences_, Side::forward, x.data(), 0, begin, end, y);
}
template <Scalar T>
void Laplacian<T>::adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const {
    sweep_rows(y.shape(), *differences_, Side::adjoint, y.data(), 0, begin, end, x);
}

template <Scalar T>
Gradient<T>::Gradient(ArraySpace<T> domain, const GradientOptions& options)
    : Operator<Gradient, ArraySpace<T>>{domain,
                                        ArraySpace<T>{domain.name(), stacked(domain.shape())}},
      differences_{
          std::make_shared<const Differences>(gradient_of("Gradient", domain.shape(), options))} {}
template <Scalar T> void Gradient<T>::forward(const Array<T>& x, Array<T>& y) const {
    sweep_each(x.shape(), *differences_, x.data(), y.data(), x.size());
}
template <Scalar T> void Gradient<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    sweep(x.shape(), *differences_, Side::adjoint, y.data(), x.size(), x.data());
}
template <Scalar T>
void Gradient<T>::forward_rows(const Array<T>& x, index_t begin, index_t end, T* y) const {
    sweep_each_rows(x.shape(), *differences_, x.data(), begin, end, y);
}
template <Scalar T>
void Gradient<T>::adjoint_rows(const Array<T>& y, index_t begin, index_t end, T* x) const {
    const Shape& shape = this->domain().shape();
    sweep_rows(shape, *differences_, Side::adjoint, y.data(), shape.size(), begin, end, x);
}

template <Scalar T>
FirstDirectionalDerivative<T>::FirstDirectionalDerivative(ArraySpace<T> space,
                                                          const std::vector<double>& direction,
                                                          const GradientOptions& options)
    : Operator<FirstDirectionalDerivative, ArraySpace<T>>{space},
      differences_{std::make_shared<const Differences>(gradient_of(
          label(), space.shape(), options, checked_direction(label(), space.shape(), direction)))} {
}
template <Scalar T>
FirstDirectionalDerivative<T>::FirstDirectionalDerivative(ArraySpace<T> space,
                                                          Array<Real<T>> directions,
                                                          const GradientOptions& options)
    : Operator<FirstDirectionalDerivative, ArraySpace<T>>{space},
      differences_{
          std::make_shared<const Differences>(gradient_of(label(), space.shape(), options))},
      directions_{std::make_shared<const Array<Real<T>>>(
          checked_directions(label(), space.shape(), std::move(directions)))} {}

template <Scalar T>
void FirstDirectionalDerivative<T>::forward(const Array<T>& x, Array<T>& y) const {
    if (directions_)
        sweep_directions(x.shape(), *differences_, directions_->data(), x.data(), y.data());
    else sweep(x.shape(), *differences_, Side::forward, x.data(), 0, y.data());
}
template <Scalar T>
void FirstDirectionalDerivative<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    if (directions_)
        sweep_directions_back(y.shape(), *differences_, directions_->data(), y.data(), x.data());
    else sweep(y.shape(), *differences_, Side::adjoint, y.data(), 0, x.data());
}

template <Scalar T>
SecondDirectionalDerivative<T>::SecondDirectionalDerivative(ArraySpace<T> space,
                                                            const std::vector<double>& direction,
                                                            const GradientOptions& options)
    : Operator<SecondDirectionalDerivative, ArraySpace<T>>{space},
      first_{space, direction, options} {}
template <Scalar T>
SecondDirectionalDerivative<T>::SecondDirectionalDerivative(ArraySpace<T> space,
                                                            Array<Real<T>> directions,
                                                            const GradientOptions& options)
    : Operator<SecondDirectionalDerivative, ArraySpace<T>>{space},
      first_{space, std::move(directions), options} {}

template <Scalar T>
void SecondDirectionalDerivative<T>::forward(const Array<T>& x, Array<T>& y) const {
    auto along = first_.range().scratch();
    first_.forward(x, *along);
    first_.adjoint(*along, y);
    y *= -1;
}

template class FirstDerivative<float>;
template class FirstDerivative<double>;
template class FirstDerivative<std::complex<float>>;
template class FirstDerivative<std::complex<double>>;
template class SecondDerivative<float>;
template class SecondDerivative<double>;
template class SecondDerivative<std::complex<float>>;
template class SecondDerivative<std::complex<double>>;
template class Laplacian<float>;
template class Laplacian<double>;
template class Laplacian<std::complex<float>>;
template class Laplacian<std::complex<double>>;
template class Gradient<float>;
template class Gradient<double>;
template class Gradient<std::complex<float>>;
template class Gradient<std::complex<double>>;
template class FirstDirectionalDerivative<float>;
template class FirstDirectionalDerivative<double>;
template class FirstDirectionalDerivative<std::complex<float>>;
template class FirstDirectionalDerivative<std::complex<double>>;
template class SecondDirectionalDerivative<float>;
template class SecondDirectionalDerivative<double>;
template class SecondDirectionalDerivative<std::complex<float>>;
template class SecondDirectionalDerivative<std::complex<double>>;

}  // namespace lop
