/// The file that a peer is fed with: operators and solvers with their inputs and results, by name.
#pragma once

#include <lop/algebra/eigen.hpp>
#include <lop/algebra/many.hpp>
#include <lop/algebra/stacked.hpp>
#include <lop/io/hdf5.hpp>

#include <complex>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace peers {

using lop::index_t;
using C = std::complex<double>;
template <class T> using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T> using MatrixOperator = lop::MatrixOperator<Matrix<T>>;

/// Appends the numbers of a vector of any kind, real parts before imaginary ones.
inline void append(std::vector<double>& to, double value) { to.push_back(value); }
inline void append(std::vector<double>& to, const C& value) {
    to.push_back(value.real());
    to.push_back(value.imag());
}
template <class T> void append(std::vector<double>& to, const lop::Array<T>& x) {
    for (const T& value : x) append(to, value);
}
template <class V> void append(std::vector<double>& to, const lop::Many<V>& x) {
    for (const V& block : x) append(to, block);
}
template <class... V> void append(std::vector<double>& to, const lop::Stacked<V...>& x) {
    lop::detail::for_each_index<sizeof...(V)>([&](auto i) { append(to, x.template block<i()>()); });
}

/// The extents of an array; any other vector is a list of its values.
template <class V> lop::io::Extents extents_of(const V& x) { return {x.size()}; }
template <class T> lop::io::Extents extents_of(const lop::Array<T>& x) {
    lop::io::Extents extents;
    for (int axis = 0; axis < x.shape().rank(); ++axis) extents.push_back(x.shape()[axis]);
    return extents;
}

/// Datasets of one group; complex numbers lie along an axis of two more, and an attribute says so.
class Case {
 public:
    Case(lop::io::Hdf5File& file, std::string name) : file_{&file}, name_{std::move(name)} {}

    template <lop::Vector V> Case& with(const std::string& key, const V& x) {
        std::vector<double> values;
        append(values, x);
        return put<typename V::value_type>(key, values, extents_of(x));
    }
    template <class T> Case& with(const std::string& key, const Matrix<T>& m) {
        std::vector<double> values;
        for (index_t i = 0; i < m.size(); ++i) append(values, m.data()[i]);
        return put<T>(key, values, {m.rows(), m.cols()});
    }
    template <class T> Case& with(const std::string& key, const std::vector<T>& list) {
        std::vector<double> values;
        for (const T& value : list) {
            if constexpr (lop::Scalar<T>) append(values, value);
            else values.push_back(static_cast<double>(value));
        }
        return put<T>(key, values, {static_cast<index_t>(list.size())});
    }
    /// A number, as an attribute of the group.
    Case& with(const std::string& key, double value) {
        file_->set_attribute(name_, key, value);
        return *this;
    }
    /// The rows that a solver passed through.
    template <lop::Vector V> Case& rows(const std::string& key, const std::vector<V>& list) {
        std::vector<double> values;
        for (const V& x : list) append(values, x);
        const index_t size = list.empty() ? 0 : list.front().size();
        return put<typename V::value_type>(key, values, {static_cast<index_t>(list.size()), size});
    }

 private:
    template <class T>
    Case& put(const std::string& key, const std::vector<double>& values, lop::io::Extents extents) {
        lop::io::Attributes attributes;
        if constexpr (std::is_same_v<T, C>) {
            extents.push_back(2);
            attributes["complex"] = std::int64_t{1};
        }
        file_->write_whole(name_ + "/" + key, values.data(), extents, attributes);
        return *this;
    }
    lop::io::Hdf5File* file_;
    std::string name_;
};

class Record {
 public:
    explicit Record(const std::filesystem::path& path) : file_{lop::io::Hdf5File::create(path)} {}

    Case begin(const std::string& name) { return {file_, name}; }
    /// x and y = A x, z and w = A' z, for random x and z.
    template <lop::LinearOperator A> Case apply(const std::string& name, const A& a) {
        const auto x = a.domain().random(11);
        const auto z = a.range().random(12);
        const lop::RangeVector<A> y = a * x;
        const lop::DomainVector<A> w = a.H() * z;
        return begin("operators/" + name).with("x", x).with("y", y).with("z", z).with("w", w);
    }
    void commit() { file_.commit(); }

 private:
    lop::io::Hdf5File file_;
};

/// Standard normal numbers.
template <class T> Matrix<T> random_matrix(index_t rows, index_t columns, std::uint64_t seed) {
    Matrix<T> m(rows, columns);
    for (index_t i = 0; i < m.size(); ++i) m.data()[i] = lop::random_value<T>(seed, i);
    return m;
}

void record_basic(Record& record);
void record_transforms(Record& record);
void record_gathers(Record& record);
void record_proximal(Record& record);
void record_linear_solvers(Record& record);
void record_sparse_solvers(Record& record);

}  // namespace peers
