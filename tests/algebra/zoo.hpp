/// Small operators whose matrices are known, for the tests of the algebra and of the solvers.
#pragma once

#include <lop/algebra/algebra.hpp>

#include <memory>
#include <string>

namespace zoo {

using lop::index_t;

/// A dense matrix of any scalar, row-major; counts how often it is applied. The tag makes unlike
/// types of unlike matrices.
template <lop::Scalar T, int Tag = 0>
class Dense : public lop::Operator<Dense<T, Tag>, lop::ArraySpace<T>> {
 public:
    using Space = lop::ArraySpace<T>;
    using Vector = lop::Array<T>;
    struct Counts {
        int forward = 0;
        int adjoint = 0;
    };

    Dense(Space domain, Space range, lop::Array<T> matrix, std::string label = "A")
        : lop::Operator<Dense, Space>{std::move(domain), std::move(range)},
          matrix_{std::make_shared<const lop::Array<T>>(std::move(matrix))},
          counts_{std::make_shared<Counts>()},
          label_{std::move(label)} {}

    const std::string& label() const { return label_.str(); }
    Counts counts() const { return *counts_; }
    int applications() const { return counts_->forward + counts_->adjoint; }
    const lop::Array<T>& matrix() const { return *matrix_; }

    void forward(const Vector& x, Vector& y) const {
#pragma omp atomic
        ++counts_->forward;
        for (index_t i = 0; i < y.size(); ++i) {
            lop::Accumulator<T> sum{};
            for (index_t j = 0; j < x.size(); ++j) sum += entry(i, j) * lop::Accumulator<T>(x[j]);
            y[i] = static_cast<T>(sum);
        }
    }
    void adjoint(const Vector& y, Vector& x) const {
#pragma omp atomic
        ++counts_->adjoint;
        for (index_t j = 0; j < x.size(); ++j) {
            lop::Accumulator<T> sum{};
            for (index_t i = 0; i < y.size(); ++i)
                sum += lop::conjugate(entry(i, j)) * lop::Accumulator<T>(y[i]);
            x[j] = static_cast<T>(sum);
        }
    }

 private:
    lop::Accumulator<T> entry(index_t i, index_t j) const {
        return lop::Accumulator<T>((*matrix_)[i * this->domain().size() + j]);
    }
    std::shared_ptr<const lop::Array<T>> matrix_;
    std::shared_ptr<Counts> counts_;
    lop::Label label_;
};

/// A matrix of standard normal numbers.
template <lop::Scalar T, int Tag = 0>
Dense<T, Tag> random_dense(const lop::ArraySpace<T>& domain, const lop::ArraySpace<T>& range,
                           std::uint64_t seed, std::string label = "A") {
    const lop::Shape shape{range.size(), domain.size()};
    return {domain, range, lop::ArraySpace<T>{"matrix", shape}.random(seed), std::move(label)};
}

/// A matrix given by rows, from model[columns] to data[rows].
template <lop::Scalar T = double>
Dense<T> dense(std::initializer_list<std::initializer_list<T>> rows, std::string label = "A") {
    const auto count = static_cast<index_t>(rows.size());
    const auto columns = static_cast<index_t>(rows.begin()->size());
    lop::Array<T> matrix{{count, columns}};
    index_t at = 0;
    for (const auto& row : rows)
        for (const T& value : row) matrix[at++] = value;
    const lop::ArraySpace<T> data{"data", {count}};
    const lop::ArraySpace<T> model{count == columns ? "data" : "model", {columns}};
    return {model, data, std::move(matrix), std::move(label)};
}

template <lop::Scalar T = double>
lop::Array<T> vector(std::initializer_list<T> values, lop::Label name = "x") {
    lop::Array<T> x{{static_cast<index_t>(values.size())}, name};
    std::copy(values.begin(), values.end(), x.begin());
    return x;
}

/// Integrates every trace in time:  y(t) = dt * ( x(0) + ... + x(t) ).
/// The adjoint runs the same sum backwards, from the last sample to t.
class CausalIntegration : public lop::Operator<CausalIntegration, lop::ArraySpace<double>> {
 public:
    CausalIntegration(lop::ArraySpace<double> traces, double dt)
        : Operator{std::move(traces)}, dt_{dt} {}
    std::string label() const { return "C"; }
    void forward(const lop::Array<double>& x, lop::Array<double>& y) const {
        for (index_t i = 0; i < x.shape()[0]; ++i) {
            double sum = 0;
            for (index_t t = 0; t < x.shape()[1]; ++t) y(i, t) = dt_ * (sum += x(i, t));
        }
    }
    void adjoint(const lop::Array<double>& y, lop::Array<double>& x) const {
        for (index_t i = 0; i < y.shape()[0]; ++i) {
            double sum = 0;
            for (index_t t = y.shape()[1]; t-- > 0;) x(i, t) = dt_ * (sum += y(i, t));
        }
    }

 private:
    double dt_;
};

/// The message of the error that a call throws, or "no error".
template <class Call> std::string message_of(const Call& call) {
    try {
        call();
    } catch (const lop::Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace zoo
