/// Sparse matrices over ranks: how they are put together, products, transposes and residuals.
#include <lop/distributed/sparse_matrix.hpp>

#include <lop/core/exact_sum.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <numeric>

namespace lop {
namespace detail {
namespace {

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

/// Where each rank's elements begin in the whole array, and where the last one's end. Throws
/// SpaceError where they do not follow each other.
template <Scalar T> std::vector<index_t> firsts_of(const DistributedSpace<T>& space,
                                                   const char* what) {
    const Partition& partition = space.partition();
    const int ranks = space.communicator().size();
    if (partition.is_replicated() && ranks == 1) return {0, space.size()};
    if (!partition.is_over_one_axis() || partition.axis() != 0 || partition.copies() != 1)
        throw SpaceError{
            "SparseMatrix: the " + std::string{what} + " is not cut along axis 0 alone",
            {.expected = "an array scattered over axis 0",
             .found = space.describe(),
             .remedy = "Redistribute"}};
    index_t row = 1;
    for (int axis = 1; axis < space.shape().rank(); ++axis) row *= space.shape()[axis];
    std::vector<index_t> firsts;
    for (int r = 0; r < ranks; ++r) firsts.push_back(partition.first(r) * row);
    firsts.push_back(space.size());
    return firsts;
}

int owner_of(const std::vector<index_t>& firsts, index_t element) {
    return static_cast<int>(std::upper_bound(firsts.begin(), firsts.end(), element) -
                            firsts.begin()) -
           1;
}

template <Scalar T> void check_ranks(const DistributedSpace<T>& domain,
                                     const DistributedSpace<T>& range) {
    if (domain.communicator() == range.communicator()) return;
    throw SpaceError{"SparseMatrix: domain and range lie on unlike ranks",
                     {.expected = domain.describe(), .found = range.describe()}};
}

template <Scalar T> void check_entry(const DistributedSpace<T>& domain,
                                     const DistributedSpace<T>& range, index_t row, index_t column,
                                     index_t first_row, index_t end_row) {
    if (row >= first_row && row < end_row && column >= 0 && column < domain.size()) return;
    throw ArgumentError{
        "SparseMatrix: an entry lies outside the matrix",
        {.expected = "rows from 0 to " + std::to_string(range.size() - 1) + ", columns from 0 to " +
                     std::to_string(domain.size() - 1),
         .found = "row " + std::to_string(row) + ", column " + std::to_string(column)}};
}

/// Items in the order of the rank that `rank_of` gives each, otherwise as they come, and how many
/// there are for every rank.
template <class Item, class RankOf>
std::vector<Item> sorted_by_rank(const std::vector<Item>& items, int ranks, const RankOf& rank_of,
                                 std::vector<index_t>& counts) {
    counts.assign(static_cast<std::size_t>(ranks), 0);
    for (const Item& item : items) ++counts[static_cast<std::size_t>(rank_of(item))];
    std::vector<index_t> next(counts.size(), 0);
    std::partial_sum(counts.begin(), counts.end() - 1, next.begin() + 1);
    std::vector<Item> sorted(items.size());
    for (const Item& item : items)
        sorted[at(next[static_cast<std::size_t>(rank_of(item))]++)] = item;
    return sorted;
}

/// The sum of values that belong to one place, rounded once: their order leaves no trace.
template <Scalar T> T sum_of(const Triplet<T>* begin, const Triplet<T>* end) {
    if (end - begin == 1) return begin->value;
    ExactSum real, imaginary;
    for (const auto* entry = begin; entry != end; ++entry) {
        real.add(static_cast<double>(std::real(entry->value)));
        if constexpr (is_complex<T>) imaginary.add(static_cast<double>(std::imag(entry->value)));
    }
    if constexpr (is_complex<T>)
        return {static_cast<Real<T>>(real.value()), static_cast<Real<T>>(imaginary.value())};
    else return static_cast<T>(real.value());
}

/// Entries of this rank's rows, in any order, as rows whose columns ascend.
template <Scalar T>
SparseRows<T> compressed(std::vector<Triplet<T>> entries, index_t first_row, index_t rows) {
    std::sort(entries.begin(), entries.end(), [](const Triplet<T>& a, const Triplet<T>& b) {
        return a.row != b.row ? a.row < b.row : a.column < b.column;
    });
    SparseRows<T> made;
    made.starts.assign(at(rows) + 1, 0);
    const Triplet<T>* const end = entries.data() + entries.size();
    for (const Triplet<T>* first = entries.data(); first != end;) {
        const Triplet<T>* next = first;
        while (next != end && next->row == first->row && next->column == first->column) ++next;
        made.columns.push_back(first->column);
        made.values.push_back(sum_of(first, next));
        ++made.starts[at(first->row - first_row) + 1];
        first = next;
    }
    std::partial_sum(made.starts.begin(), made.starts.end(), made.starts.begin());
    return made;
}

/// Collective.
template <Scalar T>
SparseRows<T> gathered_rows(const DistributedSpace<T>& domain, const DistributedSpace<T>& range,
                            std::vector<Triplet<T>> entries) {
    const auto firsts = firsts_of(range, "range");
    const Communicator& communicator = range.communicator();
    communicator.collectively([&] {
        for (const auto& e : entries) check_entry(domain, range, e.row, e.column, 0, range.size());
    });
    std::vector<index_t> counts;
    entries = sorted_by_rank(
        entries, communicator.size(),
        [&](const Triplet<T>& entry) { return owner_of(firsts, entry.row); }, counts);
    entries = deal(communicator, entries, counts);
    const auto me = static_cast<std::size_t>(communicator.rank());
    return compressed(std::move(entries), firsts[me], firsts[me + 1] - firsts[me]);
}

/// Collective.
template <Scalar T>
SparseRows<T> checked_rows(const DistributedSpace<T>& domain, const DistributedSpace<T>& range,
                           const SparseRows<T>& rows) {
    const auto firsts = firsts_of(range, "range");
    const auto me = static_cast<std::size_t>(range.communicator().rank());
    std::vector<Triplet<T>> entries;
    range.communicator().collectively([&] {
        const index_t expected = firsts[me + 1] - firsts[me];
        if (static_cast<index_t>(rows.starts.size()) != expected + 1)
            throw ArgumentError{
                "SparseMatrix: the starts of a rank's rows do not fit its part",
                {.expected = counted(expected + 1, "start", "starts"),
                 .found = counted(static_cast<index_t>(rows.starts.size()), "start", "starts")}};
        if (rows.starts.front() != 0 || !std::is_sorted(rows.starts.begin(), rows.starts.end()) ||
            at(rows.starts.back()) != rows.columns.size() ||
            rows.columns.size() != rows.values.size())
            throw ArgumentError{
                "SparseMatrix: the rows of a rank contradict themselves",
                {.expected = "starts that ascend from 0 to the number of columns and of values",
                 .found = "starts from " + std::to_string(rows.starts.front()) + " to " +
                          std::to_string(rows.starts.back()) + ", " +
                          counted(static_cast<index_t>(rows.columns.size()), "column", "columns") +
                          ", " +
                          counted(static_cast<index_t>(rows.values.size()), "value", "values")}};
        for (index_t i = 0; i < expected; ++i)
            for (index_t k = rows.starts[at(i)]; k < rows.starts[at(i) + 1]; ++k) {
                entries.push_back({firsts[me] + i, rows.columns[at(k)], rows.values[at(k)]});
                check_entry(domain, range, firsts[me] + i, rows.columns[at(k)], 0, range.size());
            }
    });
    return compressed(std::move(entries), firsts[me], firsts[me + 1] - firsts[me]);
}

/// The space of the values of rows with `count` entries here. Collective.
template <Scalar T>
DistributedSpace<T> space_of_values(const Communicator& communicator, index_t count) {
    std::vector<index_t> counts(static_cast<std::size_t>(communicator.size()), count);
    if (communicator.size() > 1) {
        const std::vector<index_t> mine = counts;
        counts = deal(communicator, mine, std::vector<index_t>(mine.size(), 1));
    }
    const index_t all = std::accumulate(counts.begin(), counts.end(), index_t{0});
    return {"values", {all}, communicator, Partition::given(std::move(counts))};
}

/// sum += a x, each part in a statement of its own.
template <class Sum, Scalar T> void add_product(Sum& sum, const T& a, const T& x) {
    if constexpr (is_complex<T>) {
        const double ar = a.real(), ai = a.imag(), xr = x.real(), xi = x.imag();
        double real = sum.real(), imaginary = sum.imag();
        real += ar * xr;
        real -= ai * xi;
        imaginary += ar * xi;
        imaginary += ai * xr;
        sum = {real, imaginary};
    } else {
        sum += static_cast<double>(a) * static_cast<double>(x);
    }
}

/// The elements of x by their places: this rank's part, and what was fetched.
template <Scalar T> struct Fetched {
    const T* own;
    const T* others;
    index_t count;
    const T& operator[](std::int32_t place) const {
        return place < count ? own[place] : others[place - count];
    }
};

template <Scalar T, class X>
void multiply_row(const SparsePattern<T>& pattern, index_t row, const T* values, const X& x, T* y) {
    Accumulator<T> sum{};
    for (index_t k = pattern.starts[at(row)]; k < pattern.starts[at(row) + 1]; ++k)
        add_product(sum, values[k], x[pattern.places[at(k)]]);
    y[row] = converted<T>(sum);
}

template <Scalar T, class X> void multiply_rows(const SparsePattern<T>& pattern,
                                                const std::vector<index_t>& rows, const T* values,
                                                const X& x, T* y) {
    parallel_for(static_cast<index_t>(rows.size()), [&](index_t begin, index_t end) {
        for (index_t r = begin; r < end; ++r) multiply_row(pattern, rows[at(r)], values, x, y);
    });
}

/// y = A x. Collective.
template <Scalar T>
void multiply(const SparsePattern<T>& pattern, const T* values, const T* x, T* y) {
    auto flight = pattern.fetch->start(x);
    multiply_rows(pattern, pattern.alone, values, x, y);
    const T* others = pattern.fetch->finish(*flight);
    multiply_rows(pattern, pattern.bound, values, Fetched<T>{x, others, pattern.own_columns()}, y);
}

/// A sum in twice the precision of double: what rounding leaves of products and sums is kept.
struct DoubledSum {
    double sum = 0;
    double rest = 0;
    void add(double term) {
        const double next = sum + term;
        const double part = next - sum;
        rest += (sum - (next - part)) + (term - part);
        sum = next;
    }
    void add_product(double a, double b) {
        const double product = a * b;
        add(product);
        rest += std::fma(a, b, -product);
    }
    double value() const { return sum + rest; }
};

/// r = b - A x in twice the precision. Collective.
template <Scalar T> void subtract_product(const SparsePattern<T>& pattern, const T* values,
                                          const T* x, const T* b, T* r) {
    auto flight = pattern.fetch->start(x);
    const Fetched<T> all{x, pattern.fetch->finish(*flight), pattern.own_columns()};
    parallel_for(pattern.rows(), [&](index_t begin, index_t end) {
        for (index_t row = begin; row < end; ++row) {
            DoubledSum real, imaginary;
            real.add(std::real(b[row]));
            if constexpr (is_complex<T>) imaginary.add(std::imag(b[row]));
            for (index_t k = pattern.starts[at(row)]; k < pattern.starts[at(row) + 1]; ++k) {
                const T& a = values[k];
                const T& v = all[pattern.places[at(k)]];
                real.add_product(-std::real(a), std::real(v));
                if constexpr (is_complex<T>) {
                    real.add_product(std::imag(a), std::imag(v));
                    imaginary.add_product(-std::real(a), std::imag(v));
                    imaginary.add_product(-std::imag(a), std::real(v));
                }
            }
            if constexpr (is_complex<T>)
                r[row] =
                    T(static_cast<Real<T>>(real.value()), static_cast<Real<T>>(imaginary.value()));
            else r[row] = static_cast<T>(real.value());
        }
    });
}

/// An entry on its way to the rank that holds its column.
struct Crossing {
    index_t column, row, entry;
};

/// Collective.
template <Scalar T>
std::shared_ptr<const Transposition<T>> transposition_of(const SparsePattern<T>& pattern) {
    const Communicator& communicator = pattern.domain.communicator();
    const auto firsts = firsts_of(pattern.domain, "domain");
    const index_t first_entry = firsts_of(pattern.values, "values")[at(communicator.rank())];
    std::vector<Crossing> crossings;
    for (index_t i = 0; i < pattern.rows(); ++i)
        for (index_t k = pattern.starts[at(i)]; k < pattern.starts[at(i) + 1]; ++k)
            crossings.push_back({pattern.columns[at(k)], pattern.first_row + i, first_entry + k});
    std::vector<index_t> counts;
    crossings = sorted_by_rank(
        crossings, communicator.size(),
        [&](const Crossing& c) { return owner_of(firsts, c.column); }, counts);
    crossings = deal(communicator, crossings, counts);

    // They come in ascending order of their rows, and so stay within the transpose's.
    const index_t rows = pattern.own_columns();
    std::vector<index_t> starts(at(rows) + 1, 0);
    for (const Crossing& c : crossings) ++starts[at(c.column - pattern.first_column) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    auto next = starts;
    std::vector<index_t> columns(crossings.size());
    std::vector<index_t> order(crossings.size());
    std::vector<index_t> wanted;
    for (const Crossing& c : crossings) {
        const index_t k = next[at(c.column - pattern.first_column)]++;
        columns[at(k)] = c.row;
        order[wanted.size()] = k;
        wanted.push_back(c.entry);
    }
    auto transposed = std::make_shared<const SparsePattern<T>>(
        pattern.range, pattern.domain, std::move(starts), std::move(columns));
    return std::make_shared<const Transposition<T>>(Transposition<T>{
        std::move(transposed),
        Fetch<T>{communicator, "values", firsts_of(pattern.values, "values"), wanted},
        std::move(order)});
}

/// The transpose's values, each through f. Collective.
template <Scalar T, class F> void transpose_values(const Transposition<T>& to, const T* values,
                                                   T* transposed, const F& f) {
    auto flight = to.fetch.start(values);
    const T* fetched = to.fetch.finish(*flight);
    for (std::size_t k = 0; k < to.order.size(); ++k) transposed[to.order[k]] = f(fetched[k]);
}

template <Scalar T>
index_t first_of(const DistributedSpace<T>& space, const char* what) {
    return firsts_of(space, what)[at(space.communicator().rank())];
}

}  // namespace

template <Scalar T>
SparsePattern<T>::SparsePattern(DistributedSpace<T> domain_, DistributedSpace<T> range_,
                                std::vector<index_t> starts_, std::vector<index_t> columns_)
    : domain{std::move(domain_)},
      range{std::move(range_)},
      values{space_of_values<T>(range.communicator(), static_cast<index_t>(columns_.size()))},
      first_row{first_of(range, "range")},
      first_column{first_of(domain, "domain")},
      starts{std::move(starts_)},
      columns{std::move(columns_)} {
    const index_t count = own_columns();
    const auto is_own = [&](index_t c) { return c >= first_column && c < first_column + count; };
    std::vector<index_t> wanted;
    for (const index_t c : columns)
        if (!is_own(c)) wanted.push_back(c);
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    range.communicator().collectively([&] {
        const index_t all = count + static_cast<index_t>(wanted.size());
        if (all > std::numeric_limits<std::int32_t>::max())
            throw ArgumentError{"SparseMatrix: the rows of a rank need too many elements of x",
                                {.expected = "fewer than 2^31",
                                 .found = std::to_string(all),
                                 .remedy = "more ranks"}};
    });
    places.reserve(columns.size());
    for (const index_t c : columns)
        places.push_back(static_cast<std::int32_t>(
            is_own(c)
                ? c - first_column
                : count + (std::lower_bound(wanted.begin(), wanted.end(), c) - wanted.begin())));
    for (index_t i = 0; i < rows(); ++i) {
        const auto* row = places.data();
        const bool needs_others = std::any_of(row + starts[at(i)], row + starts[at(i) + 1],
                                              [&](std::int32_t place) { return place >= count; });
        (needs_others ? bound : alone).push_back(i);
    }
    fetch.emplace(domain.communicator(), domain.name(), firsts_of(domain, "domain"), wanted);
}

template <Scalar T> const Transposition<T>& SparsePattern<T>::transpose() const {
    std::call_once(transposed, [&] { transposition = transposition_of(*this); });
    return *transposition;
}

}  // namespace detail

namespace {

using detail::at;

template <Scalar T> DistributedArray<T> array_of(const DistributedSpace<T>& space,
                                                 const std::vector<T>& values) {
    auto array = space.uninitialized();
    std::copy(values.begin(), values.end(), array.data());
    return array;
}

template <Scalar T> auto pattern_of(const DistributedSpace<T>& domain,
                                    const DistributedSpace<T>& range, SparseRows<T>& rows) {
    return std::make_shared<const detail::SparsePattern<T>>(domain, range, std::move(rows.starts),
                                                            std::move(rows.columns));
}

template <Scalar T> SparseRows<T> made_rows(const DistributedSpace<T>& domain,
                                            const DistributedSpace<T>& range,
                                            std::vector<Triplet<T>> entries) {
    detail::check_ranks(domain, range);
    detail::firsts_of(domain, "domain");
    return detail::gathered_rows(domain, range, std::move(entries));
}

template <Scalar T> SparseRows<T> made_rows(const DistributedSpace<T>& domain,
                                            const DistributedSpace<T>& range,
                                            const SparseRows<T>& rows) {
    detail::check_ranks(domain, range);
    detail::firsts_of(domain, "domain");
    return detail::checked_rows(domain, range, rows);
}

template <Scalar T> void check_values(const DistributedSpace<T>& space,
                                      const DistributedArray<T>& v) {
    if (space.contains(v)) return;
    throw SpaceError{"SparseMatrix: v is not in the space of its values",
                     {.expected = space.describe(), .found = v.describe()}};
}

}  // namespace

template <Scalar T> SparseMatrix<T>::SparseMatrix(const Space& domain, const Space& range,
                                                  std::vector<Triplet<T>> entries)
    : Operator<SparseMatrix, Space>{domain, range} {
    auto rows = made_rows(domain, range, std::move(entries));
    pattern_ = pattern_of(domain, range, rows);
    state_ = std::make_shared<detail::SparseValues<T>>(array_of(pattern_->values, rows.values));
}

template <Scalar T> SparseMatrix<T>::SparseMatrix(const Space& domain, const Space& range,
                                                  const SparseRows<T>& rows)
    : Operator<SparseMatrix, Space>{domain, range} {
    auto made = made_rows(domain, range, rows);
    pattern_ = pattern_of(domain, range, made);
    state_ = std::make_shared<detail::SparseValues<T>>(array_of(pattern_->values, made.values));
}

template <Scalar T>
SparseMatrix<T>::SparseMatrix(std::shared_ptr<const Pattern> pattern, X values)
    : Operator<SparseMatrix, Space>{pattern->domain, pattern->range},
      pattern_{std::move(pattern)},
      state_{std::make_shared<detail::SparseValues<T>>(std::move(values))} {}

template <Scalar T> void SparseMatrix<T>::forward(const X& x, X& y) const {
    detail::multiply(*pattern_, state_->values.data(), x.data(), y.data());
}

template <Scalar T> void SparseMatrix<T>::adjoint(const X& y, X& x) const {
    const X& values = adjoint_values();
    detail::multiply(*pattern_->transpose().pattern, values.data(), y.data(), x.data());
}

/// Collective where they are to be made, or made anew.
template <Scalar T> const DistributedArray<T>& SparseMatrix<T>::adjoint_values() const {
    const auto& transposition = pattern_->transpose();
    const std::scoped_lock lock{state_->changing};
    auto& adjoint = state_->adjoint;
    if (!adjoint) adjoint.emplace(transposition.pattern->values.uninitialized());
    if (state_->stale)
        detail::transpose_values(transposition, state_->values.data(), adjoint->data(),
                                 [](const T& value) { return conjugate(value); });
    state_->stale = false;
    return *adjoint;
}

template <Scalar T> void SparseMatrix<T>::set_values(const X& v) {
    check_values(values_space(), v);
    if (state_.use_count() > 1) {
        state_ = std::make_shared<detail::SparseValues<T>>(v);
        return;
    }
    std::copy(v.data(), v.data() + v.size(), state_->values.data());
    state_->stale = true;
}

template <Scalar T> SparseMatrix<T> SparseMatrix<T>::with_values(X v) const {
    check_values(values_space(), v);
    return {pattern_, std::move(v)};
}

template <Scalar T> SparseMatrix<T> SparseMatrix<T>::transposed() const {
    const auto& transposition = pattern_->transpose();
    X values = transposition.pattern->values.uninitialized();
    detail::transpose_values(transposition, state_->values.data(), values.data(),
                             [](const T& value) { return value; });
    return {transposition.pattern, std::move(values)};
}

template <Scalar T> SparseMatrix<T> SparseMatrix<T>::adjoint_matrix() const {
    return {pattern_->transpose().pattern, adjoint_values()};
}

template <Scalar T>
void SparseMatrix<T>::residual(const X& x, const X& b, X& r) const {
    detail::check_domain(*this, x);
    detail::check_range(*this, b);
    detail::check_range(*this, r);
    detail::subtract_product(*pattern_, state_->values.data(), x.data(), b.data(), r.data());
}

template <Scalar T>
void SparseMatrix<T>::adjoint_residual(const X& x, const X& b, X& r) const {
    const auto adjoint = this->H();
    detail::check_domain(adjoint, x);
    detail::check_range(adjoint, b);
    detail::check_range(adjoint, r);
    const X& values = adjoint_values();
    detail::subtract_product(*pattern_->transpose().pattern, values.data(), x.data(), b.data(),
                             r.data());
}

template <Scalar T>
ValuesDerivative<T>::ValuesDerivative(const SparseMatrix<T>& a, const X& x)
    : Operator<ValuesDerivative, DistributedSpace<T>>{a.values_space(), a.range()},
      pattern_{a.pattern_} {
    detail::check_domain(a, x);
    auto flight = pattern_->fetch->start(x.data());
    const T* others = pattern_->fetch->finish(*flight);
    std::vector<T> all(x.data(), x.data() + x.size());
    all.insert(all.end(), others, others + pattern_->fetch->size());
    x_ = std::make_shared<const std::vector<T>>(std::move(all));
}

template <Scalar T> void ValuesDerivative<T>::forward(const X& dv, X& dy) const {
    const T* x = x_->data();
    const T* values = dv.data();
    T* y = dy.data();
    parallel_for(pattern_->rows(), [&](index_t begin, index_t end) {
        for (index_t row = begin; row < end; ++row)
            detail::multiply_row(*pattern_, row, values, x, y);
    });
}

template <Scalar T> void ValuesDerivative<T>::adjoint(const X& r, X& dv) const {
    const auto& pattern = *pattern_;
    const T* x = x_->data();
    parallel_for(pattern.rows(), [&](index_t begin, index_t end) {
        for (index_t row = begin; row < end; ++row)
            for (index_t k = pattern.starts[at(row)]; k < pattern.starts[at(row) + 1]; ++k)
                dv.data()[k] = conjugate(x[pattern.places[at(k)]]) * r.data()[row];
    });
}

#define LOP_INSTANTIATE(T)                    \
    template struct detail::SparsePattern<T>; \
    template class SparseMatrix<T>;           \
    template class ValuesDerivative<T>;
LOP_INSTANTIATE(float)
LOP_INSTANTIATE(double)
LOP_INSTANTIATE(std::complex<float>)
LOP_INSTANTIATE(std::complex<double>)
#undef LOP_INSTANTIATE

}  // namespace lop
