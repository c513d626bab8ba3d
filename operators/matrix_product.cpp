/// Products of matrices over a grid of ranks: panels of both factors go to the ranks that need them
/// while the panel before is multiplied.
#include <lop/operators/matrix_product.hpp>

#include "operators/products.hpp"
#include <lop/core/error.hpp>
#include <lop/distributed/communication.hpp>
#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>

namespace lop {
namespace {

/// Complex numbers are pairs of reals: (a + ib) x is a x + b (ix), two products of the depth of a sum.
template <class T> constexpr index_t reals_in = is_complex<T> ? 2 : 1;
template <class T> const Real<T>* reals(const T* x) { return reinterpret_cast<const Real<T>*>(x); }
template <class T> Real<T>* reals(T* x) { return reinterpret_cast<Real<T>*>(x); }

index_t round_up(index_t n, index_t step) { return (n + step - 1) / step * step; }

/// A side of a grid that cuts an axis as given, or holds copies.
Partition side_of(const Cuts* cuts, int axis, int length) {
    if (!cuts) return Partition::copies(length);
    std::vector<index_t> counts;
    for (int p = 0; p < cuts->parts(); ++p) counts.push_back(cuts->count(p));
    return Partition::given(std::move(counts), axis);
}

/// Whether a side of a grid has as many ranks as an axis has parts, or holds copies.
bool fits_side(const ProcessGrid& grid, int side, const Cuts* cuts) {
    return !cuts || cuts->parts() == grid.side(side);
}

/// An array of two axes on a grid of two sides: cut along axis a by side a, or copies.
Partition on_grid(const ProcessGrid& grid, const Cuts* rows, const Cuts* columns) {
    return side_of(rows, 0, grid.side(0)) * side_of(columns, 1, grid.side(1));
}

/// A range of the summed axis, and who holds it: the place along the row of the grid of the left
/// factor's columns, and along its column of the right factor's rows; -1: everyone who needs it.
struct Panel {
    index_t begin, end;
    int left_owner, right_owner;
    index_t count() const { return end - begin; }
};

/// No panel crosses a cut of either factor, or is larger than the caches like.
std::vector<Panel> panels_of(index_t depth, const Cuts* left, const Cuts* right, index_t widest) {
    std::vector<Panel> panels;
    for (index_t at = 0; at < depth;) {
        index_t end = std::min(depth, at + widest);
        Panel panel{at, end, -1, -1};
        if (left) panel.left_owner = left->owner(at);
        if (right) panel.right_owner = right->owner(at);
        if (left) end = std::min(end, left->first(panel.left_owner + 1));
        if (right) end = std::min(end, right->first(panel.right_owner + 1));
        panel.end = end;
        panels.push_back(panel);
        at = end;
    }
    return panels;
}

index_t largest_part(const Cuts& cuts) {
    index_t most = 0;
    for (int p = 0; p < cuts.parts(); ++p) most = std::max(most, cuts.count(p));
    return most;
}

/// How much of the summed axis is multiplied at once: a strip of the right factor then stays in the
/// first-level cache, and a few rows of the left one in the second-level cache.
constexpr index_t depth_at_once = 192;
constexpr index_t rows_at_once = 192;

/// How many rows or columns of the product a rank may have, so that a panel of one still counts, as
/// pairs of reals and filled up to whole tiles, no more than an int holds.
constexpr index_t most_on_a_rank = (index_t{1} << 30) - 64;

/// The widest panel: few broadcasts are few meetings; fewer columns where one would count more than an
/// int holds.
index_t widest_panel(index_t rows, index_t columns) {
    constexpr index_t most = 512;
    return std::clamp<index_t>(most_on_a_rank / std::max<index_t>({rows, columns, 1}), 1, most);
}

/// Broadcasts of one panel that are on their way.
struct Flight {
    std::array<MPI_Request, 2> requests{MPI_REQUEST_NULL, MPI_REQUEST_NULL};
};

/// y = B x for B on a grid, cut along its rows by side 0.
template <Scalar T> class PanelProduct {
 public:
    using R = Real<T>;

    PanelProduct(const ProcessGrid& grid, const DistributedArray<T>& b,
                 const DistributedSpace<T>& x, const DistributedSpace<T>& y)
        : row_{grid.along({1}).communicator()},
          column_{grid.along({0}).communicator()},
          rows_{y.local_shape()[0]},
          columns_{y.local_shape()[1]},
          padded_rows_{round_up(rows_, tile_.rows)},
          first_row_of_x_{x.box().first(0)},
          cut_left_{b.partition().cuts(1) && row_.size() > 1},
          cut_right_{x.partition().cuts(0) && column_.size() > 1},
          panels_{panels_of(x.shape()[0], b.partition().cuts(1), x.partition().cuts(0),
                            widest_panel(largest_part(*y.partition().cuts(0)),
                                         largest_part(*y.partition().cuts(1))))} {
        pack_left(b);
    }

    void apply(const DistributedArray<T>& x, DistributedArray<T>& y) const {
        y.fill(T{});
        auto work = Scratch<Work>{pool_, [this] { return Work{*this}; }};
        std::array<Flight, 2> flights;
        if (!panels_.empty()) start(0, x, *work, flights[0]);
        for (std::size_t p = 0; p < panels_.size(); ++p) {
            Flight& next = flights[(p + 1) % 2];
            wait(panels_[p], flights[p % 2]);
            if (p + 1 < panels_.size()) start(p + 1, x, *work, next);
            multiply(p, x, *work, y.data(), next);
        }
    }

    /// f(row, column of B, value) for all values of B that this rank holds, both counted here.
    template <class F> void for_each_value(const F& f) const {
        for (std::size_t p = 0; p < panels_.size(); ++p) {
            if (!holds_left(panels_[p])) continue;
            const R* packed = left_.data() + left_at_[p];
            for (index_t row = 0; row < padded_rows_; row += tile_.rows)
                for (index_t k = 0; k < panels_[p].count(); ++k, packed += parts * tile_.rows)
                    for (index_t r = 0; r < std::min<index_t>(tile_.rows, rows_ - row); ++r) {
                        if constexpr (is_complex<T>)
                            f(row + r, panels_[p].begin + k, T{packed[r], packed[tile_.rows + r]});
                        else f(row + r, panels_[p].begin + k, packed[r]);
                    }
        }
    }
    index_t bytes_received() const {
        index_t bytes = 0;
        for (const Panel& panel : panels_) {
            if (!holds_left(panel)) bytes += left_size(panel) * index_t{sizeof(R)};
            if (!holds_right(panel)) bytes += panel.count() * columns_ * index_t{sizeof(T)};
        }
        return bytes;
    }

 private:
    static constexpr index_t parts = reals_in<T>;

    /// Two panels of each factor that are held by others, and a panel of x in the order of the kernel.
    struct Work {
        explicit Work(const PanelProduct& of) {
            index_t deepest = 0;
            for (const Panel& panel : of.panels_) deepest = std::max(deepest, panel.count());
            for (auto& buffer : left)
                buffer =
                    Array<R>::uninitialized({of.cut_left_ ? deepest * parts * of.padded_rows_ : 0});
            for (auto& buffer : right)
                buffer = Array<T>::uninitialized({of.cut_right_ ? deepest * of.columns_ : 0});
            packed = Array<R>::uninitialized(
                {deepest * parts * round_up(of.columns_ * parts, of.tile_.columns)});
        }
        std::array<Array<R>, 2> left{};
        std::array<Array<T>, 2> right{};
        Array<R> packed{};
    };

    bool holds_left(const Panel& panel) const {
        return !cut_left_ || panel.left_owner == row_.rank();
    }
    bool holds_right(const Panel& panel) const {
        return !cut_right_ || panel.right_owner == column_.rank();
    }
    index_t left_size(const Panel& panel) const { return panel.count() * parts * padded_rows_; }

    /// The panels that this rank holds, one after the other; in a panel strips of as many rows as a tile
    /// has, filled up with zeros, column by column.
    void pack_left(const DistributedArray<T>& b) {
        index_t size = 0;
        for (const Panel& panel : panels_) {
            left_at_.push_back(size);
            if (holds_left(panel)) size += left_size(panel);
        }
        left_ = Array<R>{{size}, "packed"};
        const index_t stride = b.local().shape()[1];
        for (std::size_t p = 0; p < panels_.size(); ++p) {
            const Panel& panel = panels_[p];
            if (!holds_left(panel)) continue;
            R* out = left_.data() + left_at_[p];
            for (index_t row = 0; row < padded_rows_; row += tile_.rows)
                for (index_t k = panel.begin - b.box().first(1); k < panel.end - b.box().first(1);
                     ++k, out += parts * tile_.rows)
                    for (index_t r = 0; r < std::min<index_t>(tile_.rows, rows_ - row); ++r)
                        for (index_t part = 0; part < parts; ++part)
                            out[part * tile_.rows + r] =
                                reals(b.data() + (row + r) * stride + k)[part];
        }
    }

    void start(std::size_t p, const DistributedArray<T>& x, Work& work, Flight& flight) const {
        const Panel& panel = panels_[p];
        if (cut_left_ && rows_ > 0) {
            const R* from =
                holds_left(panel) ? left_.data() + left_at_[p] : work.left[p % 2].data();
            MPI_Ibcast(const_cast<R*>(from), static_cast<int>(left_size(panel)), real_type(),
                       panel.left_owner, row_.native(), &flight.requests[0]);
        }
        if (cut_right_ && columns_ > 0) {
            const T* from = right_values(p, x, work);
            MPI_Ibcast(const_cast<T*>(from), static_cast<int>(panel.count() * columns_ * parts),
                       real_type(), panel.right_owner, column_.native(), &flight.requests[1]);
        }
    }
    static MPI_Datatype real_type() { return sizeof(R) == sizeof(double) ? MPI_DOUBLE : MPI_FLOAT; }

    void wait(const Panel& panel, Flight& flight) const {
        const auto finish = [](MPI_Request& request, const Communicator& line, int owner) {
            if (request == MPI_REQUEST_NULL) return;
            const detail::Waiting waiting{line, "panel", std::span<const int>{&owner, 1},
                                          "MatrixProduct"};
            MPI_Wait(&request, MPI_STATUS_IGNORE);
        };
        finish(flight.requests[0], row_, panel.left_owner);
        finish(flight.requests[1], column_, panel.right_owner);
    }

    const T* right_values(std::size_t p, const DistributedArray<T>& x, const Work& work) const {
        if (!holds_right(panels_[p])) return work.right[p % 2].data();
        return x.data() + (panels_[p].begin - first_row_of_x_) * columns_;
    }

    /// Strips of as many columns as a tile has, filled up with zeros, row by row; of complex numbers
    /// each row twice, as x and as ix.
    void pack_right(const T* x, index_t depth, R* packed) const {
        const index_t width = columns_ * parts;
#pragma omp parallel for schedule(static) if (depth * width >= parallel_threshold)
        for (index_t c = 0; c < width; c += tile_.columns) {
            R* out = packed + c * depth * parts;
            const index_t count = std::min<index_t>(tile_.columns, width - c);
            for (index_t k = 0; k < depth; ++k) {
                const R* in = reals(x) + k * width + c;
                std::copy(in, in + count, out);
                std::fill(out + count, out + tile_.columns, R{});
                out += tile_.columns;
                if constexpr (!is_complex<T>) continue;
                for (index_t i = 0; i + 1 < count; i += 2) {
                    out[i] = -in[i + 1];
                    out[i + 1] = in[i];
                }
                std::fill(out + count, out + tile_.columns, R{});
                out += tile_.columns;
            }
        }
    }

    /// Block by block of the panel; between them the next panel's broadcasts get on.
    void multiply(std::size_t p, const DistributedArray<T>& x, Work& work, T* y,
                  Flight& next) const {
        const index_t depth = panels_[p].count() * parts;
        const R* left =
            holds_left(panels_[p]) ? left_.data() + left_at_[p] : work.left[p % 2].data();
        pack_right(right_values(p, x, work), panels_[p].count(), work.packed.data());
        const index_t block = round_up(rows_at_once, tile_.rows);
        for (index_t k = 0; k < depth; k += depth_at_once)
            for (index_t row = 0; row < rows_; row += block) {
                multiply_block(
                    {left, work.packed.data(), depth, k, std::min(depth_at_once, depth - k), row,
                     std::min(row + block, rows_)},
                    reals(y));
                int there = 0;
                for (MPI_Request& request : next.requests)
                    if (request != MPI_REQUEST_NULL) MPI_Test(&request, &there, MPI_STATUS_IGNORE);
            }
    }
    /// Rows begin to end of a packed panel of the given depth, and `count` of that depth from `first` on.
    struct Block {
        const R *left, *right;
        index_t depth, first, count, begin, end;
    };
    void multiply_block(const Block& b, R* y) const {
        const index_t width = columns_ * parts;
#pragma omp parallel for schedule(static) if ((b.end - b.begin) * width * b.count >= \
                                                  parallel_threshold)
        for (index_t c = 0; c < width; c += tile_.columns)
            for (index_t row = b.begin; row < b.end; row += tile_.rows)
                multiply_tile(b.left + row * b.depth + b.first * tile_.rows,
                              b.right + c * b.depth + b.first * tile_.columns, b.count, b.end - row,
                              width - c, y + row * width + c);
    }
    /// At the edges of y the tile works on a copy.
    void multiply_tile(const R* left, const R* right, index_t depth, index_t rows, index_t columns,
                       R* y) const {
        const index_t stride = columns_ * parts;
        if (rows >= tile_.rows && columns >= tile_.columns)
            return tile_.add(depth, left, right, y, stride);
        std::array<R, 512> edge{};
        rows = std::min<index_t>(rows, tile_.rows);
        columns = std::min<index_t>(columns, tile_.columns);
        for (index_t r = 0; r < rows; ++r)
            std::copy_n(y + r * stride, columns, edge.data() + r * tile_.columns);
        tile_.add(depth, left, right, edge.data(), tile_.columns);
        for (index_t r = 0; r < rows; ++r)
            std::copy_n(edge.data() + r * tile_.columns, columns, y + r * stride);
    }

    const detail::ProductTile<R>& tile_ = detail::product_tile<R>();
    Communicator row_, column_;  // the ranks of this rank's row of the grid, and of its column
    index_t rows_, columns_;     // of this rank's part of y
    index_t padded_rows_, first_row_of_x_;
    bool cut_left_, cut_right_;  // some of a factor is held by other ranks
    std::vector<Panel> panels_;
    std::vector<index_t> left_at_{};
    Array<R> left_{};
    std::shared_ptr<ScratchPool<Work>> pool_ = std::make_shared<ScratchPool<Work>>();
};

/// X = A' Y: the product with the conjugate transpose, and copies of X where the domain holds them.
template <Scalar T> struct AdjointProduct {
    PanelProduct<T> product;
    DistributedSpace<T> cut;  // X, cut over both sides
    std::optional<Redistribute<T>> to_copies;
};

void refuse(const ProcessGrid& grid, const std::string& who, const std::string& found,
            const std::string& expected) {
    throw SpaceError{"MatrixProduct on a grid of " + std::to_string(grid.side(0)) + " x " +
                         std::to_string(grid.side(1)) + " ranks: " + who,
                     {.expected = expected, .found = found}};
}

void check_grid(const ProcessGrid& grid) {
    if (grid.dimension() != 2)
        throw ArgumentError{"MatrixProduct on a grid of " + counted(grid.dimension(), "side"),
                            {.expected = "two: rows and columns of the product"}};
}

template <Scalar T> void check_matrix(const ProcessGrid& grid, const DistributedArray<T>& a) {
    const bool fits = a.shape().rank() == 2 && a.communicator() == grid.communicator() &&
                      a.partition().cuts(0) && fits_side(grid, 0, a.partition().cuts(0)) &&
                      fits_side(grid, 1, a.partition().cuts(1)) &&
                      a.partition() == on_grid(grid, a.partition().cuts(0), a.partition().cuts(1));
    if (!fits)
        refuse(grid, "the matrix does not lie on it", a.describe(),
               "rows over side 0, and columns over side 1 or whole: grid.partition(shape, {0, 1}) "
               "or {0, -1}");
}

template <Scalar T>
DistributedSpace<T> default_domain(const ProcessGrid& grid, const DistributedArray<T>& a,
                                   index_t columns) {
    check_grid(grid);
    check_matrix(grid, a);
    const Shape shape{a.shape()[1], columns};
    return {"model", shape, grid.communicator(),
            grid.partition(shape, {a.partition().cuts(1) ? 0 : -1, 1})};
}

template <Scalar T>
DistributedSpace<T> default_range(const ProcessGrid& grid, const DistributedArray<T>& a,
                                  index_t columns) {
    return {"data",
            {a.shape()[0], columns},
            grid.communicator(),
            side_of(a.partition().cuts(0), 0, grid.side(0)) *
                Partition::balanced(columns, grid.side(1), 1)};
}

template <Scalar T>
void check_spaces(const ProcessGrid& grid, const DistributedArray<T>& a,
                  const DistributedSpace<T>& x, const DistributedSpace<T>& y) {
    const auto* rows = a.partition().cuts(0);
    const auto* columns = y.partition().cuts(1);
    if (y.shape().rank() != 2 || y.shape()[0] != a.shape()[0] || !columns ||
        !fits_side(grid, 1, columns) || !(y.communicator() == grid.communicator()) ||
        !(y.partition() == on_grid(grid, rows, columns)))
        refuse(grid, "its range does not fit", y.describe(),
               "the rows of the matrix over side 0 as it has them, and columns over side 1");
    const Shape shape{a.shape()[1], y.shape()[1]};
    if (x.shape() != shape || !(x.communicator() == grid.communicator()) ||
        !fits_side(grid, 0, x.partition().cuts(0)) ||
        !(x.partition() == on_grid(grid, x.partition().cuts(0), columns)))
        refuse(grid, "its domain does not fit", x.describe(),
               shape.str() +
                   " with its rows over side 0 or whole, and its columns over side 1 as the range "
                   "has them");
    for (const Cuts* cuts : {rows, columns, x.partition().cuts(0)})
        if (cuts && largest_part(*cuts) > most_on_a_rank)
            throw ArgumentError{
                "MatrixProduct: a panel of one row or column is more than a message holds",
                {.expected = "at most " + std::to_string(most_on_a_rank) + " on a rank",
                 .found = std::to_string(largest_part(*cuts)),
                 .remedy = "more ranks along that side of the grid"}};
}

}  // namespace

template <Scalar T> struct MatrixProduct<T>::Parts {
    ProcessGrid grid;
    Space domain, range;
    Partition matrix;  // that of A
    PanelProduct<T> product;
    mutable std::once_flag transposed{};
    mutable std::optional<AdjointProduct<T>> transpose{};

    Parts(const ProcessGrid& on, const X& a, const Space& x, const Space& y)
        : grid{on}, domain{x}, range{y}, matrix{a.partition()}, product{on, a, x, y} {}
    X transposed_values() const;
    const AdjointProduct<T>& adjoint() const;
};

/// A' where A is: this rank's part transposed, so that side 0 of the grid cuts its columns.
template <Scalar T> DistributedArray<T> MatrixProduct<T>::Parts::transposed_values() const {
    const Space space{
        "A'",
        {domain.shape()[0], range.shape()[0]},
        grid.communicator(),
        side_of(matrix.cuts(0), 1, grid.side(0)) * side_of(matrix.cuts(1), 0, grid.side(1))};
    auto values = space.uninitialized();
    const index_t stride = space.local_shape()[1];
    const index_t first = space.box().first(0);
    product.for_each_value([&](index_t row, index_t column, const T& value) {
        values.data()[(column - first) * stride + row] = conjugate(value);
    });
    return values;
}

template <Scalar T> const AdjointProduct<T>& MatrixProduct<T>::Parts::adjoint() const {
    std::call_once(transposed, [this] {
        const Partition even_rows = Partition::balanced(domain.shape()[0], grid.side(0), 0);
        const Partition even_depth = Partition::balanced(range.shape()[0], grid.side(1), 1);
        const Cuts* rows = domain.partition().cuts(0);
        if (!rows) rows = even_rows.cuts(0);
        const Cuts* depth = matrix.cuts(1) ? even_depth.cuts(1) : nullptr;
        const Space cut{Label{domain.name()}, domain.shape(), grid.communicator(),
                        on_grid(grid, rows, domain.partition().cuts(1))};
        const X values = transposed_values();
        const Redistribute<T> there{space_of(values), on_grid(grid, rows, depth)};
        transpose.emplace(PanelProduct<T>{grid, there * values, range, cut}, cut, std::nullopt);
        if (!(cut == domain)) transpose->to_copies.emplace(cut, domain);
    });
    return *transpose;
}

template <Scalar T>
MatrixProduct<T>::MatrixProduct(const ProcessGrid& grid, const X& a, index_t columns)
    : MatrixProduct{grid, a, default_domain(grid, a, columns), default_range(grid, a, columns)} {}

template <Scalar T> MatrixProduct<T>::MatrixProduct(const ProcessGrid& grid, const X& a,
                                                    const Space& domain, const Space& range)
    : Operator<MatrixProduct, Space>{domain, range} {
    check_grid(grid);
    check_matrix(grid, a);
    check_spaces(grid, a, domain, range);
    parts_ = std::make_shared<const Parts>(grid, a, domain, range);
}

template <Scalar T> void MatrixProduct<T>::forward(const X& x, X& y) const {
    parts_->product.apply(x, y);
}

template <Scalar T> void MatrixProduct<T>::adjoint(const X& y, X& x) const {
    const AdjointProduct<T>& transpose = parts_->adjoint();
    if (!transpose.to_copies) return transpose.product.apply(y, x);
    auto cut = transpose.cut.scratch();
    transpose.product.apply(y, *cut);
    transpose.to_copies->forward(*cut, x);
}

template <Scalar T> index_t MatrixProduct<T>::bytes_received() const {
    return parts_->product.bytes_received();
}

template class MatrixProduct<float>;
template class MatrixProduct<double>;
template class MatrixProduct<std::complex<float>>;
template class MatrixProduct<std::complex<double>>;

}  // namespace lop
