/// Computes again, over ranks, what PyLops-MPI wrote (reference_mpi.py), and compares.
///
/// Usage: mpirun -n N peer_over_ranks ANSWERS.h5
///
/// Prints a line for each case; exit code 1 where a difference, relative to the largest value, is above
/// 1e-12 (iterates of solvers: 1e-10; those that rounding decides, as reference_mpi.py tells, are left
/// out).
#include <lop/algebra/blocks.hpp>
#include <lop/algebra/eigen.hpp>
#include <lop/distributed/blocks.hpp>
#include <lop/distributed/slice.hpp>
#include <lop/io/hdf5.hpp>
#include <lop/operators/distributed.hpp>
#include <lop/operators/distributed_transforms.hpp>
#include <lop/operators/matrix_product.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/solvers/cg.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/norms.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string>

using namespace lop;

namespace {

using C = std::complex<double>;
template <class T> using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class Answers {
 public:
    explicit Answers(const std::string& path) : file_{io::Hdf5File::open(path, MPI_COMM_WORLD)} {
        for (const auto& dataset : file_.datasets()) {
            const auto slash = dataset.name.rfind('/');
            cases_.insert(dataset.name.substr(0, slash));
        }
    }
    const std::set<std::string>& cases() const { return cases_; }
    bool has(const std::string& name) const { return file_.has(name); }
    bool is_complex_at(const std::string& name) const {
        return file_.has_attribute(name, "complex");
    }
    double number(const std::string& group, const std::string& key) const {
        return file_.attribute<double>(group, key);
    }
    /// A dataset, whole on every rank; of complex numbers the real parts where T is real.
    template <class T> Array<T> array(const std::string& name) const {
        const auto values = file_.read_whole<double>(name);
        auto extents = file_.extents(name);
        const bool pairs = is_complex_at(name);
        if (pairs) extents.pop_back();
        std::vector<index_t> shape(extents.begin(), extents.end());
        Array<T> x{Shape{std::span<const index_t>{shape}}};
        for (index_t i = 0; i < x.size(); ++i) {
            const auto k = static_cast<std::size_t>(pairs ? 2 * i : i);
            if constexpr (is_complex<T>) x[i] = {values[k], pairs ? values[k + 1] : 0.0};
            else x[i] = values[k];
        }
        return x;
    }

 private:
    io::Hdf5File file_;
    std::set<std::string> cases_{};
};

template <class T> DistributedArray<T> spread(const DistributedSpace<T>& space,
                                              const Array<T>& whole) {
    auto x = space.uninitialized();
    for (index_t i = 0; i < x.size(); ++i) x.data()[i] = whole[x.layout()->global_index(i)];
    return x;
}

class Comparison {
 public:
    explicit Comparison(const Answers& answers) : answers_{&answers} {}

    template <class T> double difference(const Array<T>& found, const Array<T>& expected) const {
        if (found.size() != expected.size()) return HUGE_VAL;
        double most = 0, largest = 0;
        for (index_t i = 0; i < found.size(); ++i) {
            most = std::max(most, std::abs(found[i] - expected[i]));
            largest = std::max(largest, std::abs(expected[i]));
        }
        return most / std::max(largest, 1e-300);
    }
    void report(const std::string& name, double error, double limit) {
        const bool fails = !(error <= limit);
        failed_ += fails ? 1 : 0;
        ++compared_;
        if (world_.root())
            std::printf("%-52s %9.2e  %s\n", name.c_str(), error, fails ? "DIFFERS" : "");
    }
    /// A x = y and A' z = w.
    template <class A> void check(const std::string& name, const A& a) {
        using T = typename DomainOf<A>::value_type;
        using U = typename RangeOf<A>::value_type;
        const auto get_x = answers_->array<T>(name + "/x");
        const auto get_z = answers_->array<U>(name + "/z");
        const auto y = gathered(a * spread(a.domain(), get_x));
        const auto w = gathered(a.H() * spread(a.range(), get_z));
        report(name,
               std::max(difference(y, answers_->array<U>(name + "/y")),
                        difference(w, answers_->array<T>(name + "/w"))),
               1e-12);
    }
    template <class T> Array<T> gathered(const DistributedArray<T>& x) const {
        if (x.partition().is_replicated()) return x.local();
        return (gather(space_of(x)) * x).local();
    }
    const Answers& answers() const { return *answers_; }
    const Communicator& world() const { return world_; }
    int failed() const { return failed_; }
    int compared() const { return compared_; }

 private:
    const Answers* answers_;
    Communicator world_ = Communicator::world();
    int failed_ = 0;
    int compared_ = 0;
};

bool has_word(const std::string& name, const std::string& word) {
    return name.find(word) != std::string::npos;
}

Difference kind_of(const std::string& name) {
    if (has_word(name, "forward")) return Difference::forward;
    return has_word(name, "backward") ? Difference::backward : Difference::centered;
}

DistributedSpace<double> rows(const Comparison& c, const Shape& shape) {
    return {"x", shape, c.world(), Partition::balanced(shape[0], c.world().size())};
}

void derivatives(Comparison& c, const std::string& name) {
    const Answers& a = c.answers();
    const auto space = rows(c, a.array<double>(name + "/x").shape());
    const bool edge = has_word(name, "edge");
    if (has_word(name, "first_derivative"))
        return c.check(name, first_derivative(space, {.axis = 0,
                                                      .spacing = a.number(name, "sampling"),
                                                      .kind = kind_of(name),
                                                      .points = has_word(name, "order 5") ? 5 : 3,
                                                      .edge = edge}));
    if (has_word(name, "second_derivative"))
        return c.check(name, second_derivative(space, {.axis = 0,
                                                       .spacing = a.number(name, "sampling"),
                                                       .kind = kind_of(name),
                                                       .edge = edge}));
    const std::vector<double> spacings{a.number(name, "sampling_0"), a.number(name, "sampling_1")};
    if (has_word(name, "laplacian"))
        return c.check(
            name,
            laplacian(space, {.axes = {0, 1},
                              .weights = {a.number(name, "weight_0"), a.number(name, "weight_1")},
                              .spacings = spacings,
                              .kind = kind_of(name),
                              .edge = edge}));
    c.check(name, gradient(space, {.spacings = spacings, .kind = kind_of(name), .edge = edge}));
}

/// This rank's dense blocks.
template <class T>
std::vector<MatrixOperator<Matrix<T>>> my_blocks(const Comparison& c, const std::string& name) {
    index_t count = 0;
    while (c.answers().has(name + "/block_" + std::to_string(count))) ++count;
    const auto shares = Partition::balanced(count, c.world().size());
    std::vector<MatrixOperator<Matrix<T>>> blocks;
    for (index_t i = 0; i < count; ++i) {
        const auto m = c.answers().array<T>(name + "/block_" + std::to_string(i));
        if (shares.owner(i) != c.world().rank()) continue;
        blocks.push_back(MatrixOperator<Matrix<T>>{
            Matrix<T>{Eigen::Map<const Matrix<T>>(m.data(), m.shape()[0], m.shape()[1])}});
    }
    return blocks;
}

template <class T> void blocks(Comparison& c, const std::string& name) {
    auto mine = my_blocks<T>(c, name);
    const Shape shape = c.answers().array<T>(name + "/block_0").shape();
    if (has_word(name, "block_diag")) c.check(name, block_diagonal(c.world(), mine));
    else if (has_word(name, "vstack"))
        c.check(name, vstack(c.world(), ArraySpace<T>{"model", {shape[1]}}, mine));
    else c.check(name, hstack(c.world(), ArraySpace<T>{"data", {shape[0]}}, mine));
}

void kernels(Comparison& c, const std::string& name) {
    auto values = c.answers().array<C>(name + "/kernel");
    if (has_word(name, "conjugate")) values = conj(values);
    const Shape shape = values.shape();
    const DistributedSpace<C> space{"G", shape, c.world(),
                                    Partition::balanced(shape[0], c.world().size())};
    const auto kernel = spread(space, values);
    const bool fredholm = has_word(name, "fredholm");
    const index_t columns = has_word(name, "columns 2") ? 2 : 1;
    if (fredholm) return c.check(name, fredholm1(kernel, columns));
    const auto x = c.answers().array<double>(name + "/x");
    c.check(name, ScatteredMultiDimensionalConvolution<double>{
                      {"m", x.shape(), c.world()},
                      kernel,
                      {.time_interval = c.answers().number(name, "dt"),
                       .receiver_interval = c.answers().number(name, "dr"),
                       .two_sided = !has_word(name, "one-sided"),
                       .prescaled = has_word(name, "prescaled")}});
}

void transforms(Comparison& c, const std::string& name) {
    const auto norm = has_word(name, "by n") ? FourierNorm::by_n : FourierNorm::none;
    const bool plane = has_word(name, "2d");
    const std::vector<int> axes = plane ? std::vector<int>{0, 1} : std::vector<int>{0, 1, 2};
    if (has_word(name, "real")) {
        const auto x = c.answers().array<double>(name + "/x");
        RealFourierOptions options;
        options.axes = axes;
        options.norm = norm;
        return c.check(name, real_fourier_transform(rows(c, x.shape()), options));
    }
    const auto x = c.answers().array<C>(name + "/x");
    FourierOptions options;
    options.axes = axes;
    options.norm = norm;
    c.check(name, fourier_transform(
                      DistributedSpace<C>{"x", x.shape(), c.world(),
                                          Partition::balanced(x.shape()[0], c.world().size())},
                      options));
}

/// The iterates that a solver shows, against the rows of the answers from the first one on.
template <class T> struct Iterates {
    Comparison& c;
    std::string name;
    Array<T> expected = c.answers().template array<T>(name + "/iterates");
    double error = 0;
    index_t seen = 0;
    bool skips(index_t iteration) const {
        // Between these the post-stack problem has lost its conjugacy (reference_mpi.py).
        return has_word(name, "poststack") && !has_word(name, "regularized") && iteration > 10 &&
               iteration < 28;
    }
    template <class V> void operator()(index_t iteration, const V& x) {
        if (iteration >= expected.shape()[0]) return;
        const auto whole = c.gathered(x);
        ++seen;
        if (skips(iteration)) return;
        const index_t size = whole.size();
        Array<T> row{{size}};
        std::copy_n(expected.data() + iteration * size, size, row.data());
        Array<T> flat{{size}};
        std::copy_n(whole.data(), size, flat.data());
        error = std::max(error, c.difference(flat, row));
    }
};

template <class T> void solvers(Comparison& c, const std::string& name) {
    const auto a = block_diagonal(c.world(), my_blocks<T>(c, name));
    const auto b = spread(a.range(), c.answers().array<T>(name + "/b"));
    Iterates<T> iterates{c, name};
    const index_t steps = iterates.expected.shape()[0] - 1;
    const auto watch = [&](const Iteration& at, const auto& x) { iterates(at.number, x); };
    if (name == "solvers/cg") cg(a, b, {.iterations = steps, .tolerance = 0}, watch);
    else
        cgls(a, b,
             {.iterations = steps, .damping = c.answers().number(name, "damp"), .tolerance = 0},
             watch);
    c.report(name, iterates.seen > 0 ? iterates.error : HUGE_VAL, 1e-10);
}

void poststack(Comparison& c, const std::string& name) {
    const auto b = c.answers().array<double>(name + "/b");
    const auto w = c.answers().array<double>(name + "/wavelet");
    const std::vector<double> wavelet(w.begin(), w.end());
    const auto space = rows(c, b.shape());
    // lop's traces are those of half the derivative.
    const auto modelling = 2.0 * local(space, [&](const ArraySpace<double>& part) {
                               return PoststackModelling<double>{part.shape(), wavelet};
                           });
    const auto data = spread(modelling.range(), b);
    Iterates<double> iterates{c, name};
    const CglsOptions options{.iterations = iterates.expected.shape()[0] - 1,
                              .damping = c.answers().number(name, "damp"),
                              .tolerance = 0};
    const auto watch = [&](const Iteration& at, const auto& x) { iterates(at.number, x); };
    const double epsilon = c.answers().number(name, "epsilon");
    if (epsilon > 0) {
        const auto smooth = std::sqrt(epsilon) * laplacian(space, {.axes = {0, 1}});
        const auto a = vstack(modelling, smooth);
        auto both = a.range().zeros();
        both.block<0>() = data;
        cgls(a, both, options, watch);
    } else {
        cgls(modelling, data, options, watch);
    }
    c.report(name, iterates.seen > 0 ? iterates.error : HUGE_VAL, 1e-10);
}

template <class T> void norms(Comparison& c, const std::string& name) {
    const auto whole = c.answers().array<T>(name + "/x");
    const DistributedSpace<T> space{"x", whole.shape(), c.world(),
                                    Partition::balanced(whole.shape()[0], c.world().size())};
    const auto x = spread(space, whole);
    const auto number = [&](const char* key) { return c.answers().number(name, key); };
    double error = std::max({std::abs(norm1(x) / number("norm_1") - 1),
                             std::abs(norm(x) / number("norm_2") - 1),
                             std::abs(norm_inf(x) / number("norm_inf") - 1)});
    for (const int axis : {0, 1})
        for (const auto& [kind, key] : std::map<Norm, std::string>{
                 {Norm::one, "1"}, {Norm::two, "2"}, {Norm::infinity, "inf"}}) {
            const std::string along = name + "/along_" + std::to_string(axis) + "_" + key;
            error = std::max(error, c.difference(c.gathered(norm_along(x, axis, kind)),
                                                 c.answers().array<double>(along)));
        }
    c.report(name, error, 1e-12);
}

template <class T> void dots(Comparison& c, const std::string& name) {
    const auto x0 = c.answers().array<T>(name + "/x");
    const DistributedSpace<T> space{"x", x0.shape(), c.world(),
                                    Partition::balanced(x0.shape()[0], c.world().size())};
    const auto x = spread(space, x0);
    const auto y = spread(space, c.answers().array<T>(name + "/y"));
    const C expected = c.answers().array<C>(name + "/vdot")[0];
    c.report(name, std::abs(C(dot(x, y)) - expected) / std::abs(expected), 1e-12);
}

void redistribute(Comparison& c, const std::string& name) {
    const auto x = c.answers().array<double>(name + "/x");
    const int from = name[name.size() - 6] - '0';
    const int to = name.back() - '0';
    const int ranks = c.world().size();
    const DistributedSpace<double> space{"x", x.shape(), c.world(),
                                         Partition::balanced(x.shape()[from], ranks, from)};
    const Redistribute<double> r{space, Partition::balanced(x.shape()[to], ranks, to)};
    c.report(name, c.difference(c.gathered(r * spread(space, x)), x), 0);
}

/// On any number of ranks; PyLops-MPI needs a square one. Its matrices are summed in another order.
template <class T> void matrix_product(Comparison& c, const std::string& name) {
    const auto matrix = c.answers().array<T>(name + "/matrix");
    const auto columns = c.answers().array<T>(name + "/x").shape()[1];
    const auto grid = ProcessGrid::balanced(c.world(), 2);
    const DistributedSpace<T> space{
        "matrix", matrix.shape(), c.world(),
        grid.partition(matrix.shape(), {0, has_word(name, "summa") ? 1 : -1})};
    c.check(name, MatrixProduct<T>{grid, spread(space, matrix), columns});
}

/// Whether there was something to compare.
bool compare(Comparison& c, const std::string& name) {
    const bool complex = has_word(name, "complex");
    if (has_word(name, "derivative") || has_word(name, "laplacian") || has_word(name, "gradient"))
        derivatives(c, name);
    else if (has_word(name, "block_diag") || has_word(name, "vstack") || has_word(name, "hstack"))
        complex ? blocks<C>(c, name) : blocks<double>(c, name);
    else if (has_word(name, "fredholm") || has_word(name, "mdc")) kernels(c, name);
    else if (has_word(name, "matrix_mult"))
        complex ? matrix_product<C>(c, name) : matrix_product<double>(c, name);
    else if (has_word(name, "fourier")) transforms(c, name);
    else if (has_word(name, "poststack")) poststack(c, name);
    else if (has_word(name, "solvers/")) complex ? solvers<C>(c, name) : solvers<double>(c, name);
    else if (has_word(name, "norms")) complex ? norms<C>(c, name) : norms<double>(c, name);
    else if (has_word(name, "dots")) complex ? dots<C>(c, name) : dots<double>(c, name);
    else if (has_word(name, "redistribute")) redistribute(c, name);
    else return false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const Session session{argc, argv};
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s ANSWERS.h5\n", argv[0]);
        return 2;
    }
    const Answers answers{argv[1]};
    Comparison comparison{answers};
    int others = 0;
    for (const std::string& name : answers.cases()) others += compare(comparison, name) ? 0 : 1;
    if (session.root())
        std::printf("%d compared on %d ranks, %d failed, %d not comparable\n",
                    comparison.compared(), session.world().size(), comparison.failed(), others);
    return comparison.failed() == 0 && comparison.compared() > 0 ? 0 : 1;
}
