/// A few frequencies of the wavefields of a modelling.
#pragma once

#include <lop/distributed/communication.hpp>
#include <lop/operators/wave/modeling.hpp>

#include <memory>
#include <string>
#include <vector>

namespace lop {

namespace wave {
struct PlacedPoints;
}

/// U: source traces to the Fourier transform of the wavefield that they make, at some frequencies and on the model's grid,
///
///     (U q)[shot, f, 0 / 1, x] = real / imaginary part of  h sum over n of u(n h, x) exp(-2 pi i f n h),
///
/// u what the wave equation's first receiver reads (acoustic: the pressure), h = every dt the interval of its kept steps, all
/// n from 0 to the end of the propagation. domain: that of M; range: spectra[shots x frequencies x 2 x grid], real numbers,
/// scattered over shots, and over x among the ranks that share a shot, in the unit of u times s. The transform is summed
/// along the run, 16 kept steps at a time; no wavefield is stored. The adjoint drives the transposed run with the conjugate
/// series and is exact for any `every`. Frequencies in Hz ascend from 0 to the Nyquist frequency of the kept steps; else
/// ArgumentError. `every` as in History.
template <Scalar T = float>
class Spectra : public Operator<Spectra<T>, DistributedSpace<T>> {
 public:
    Spectra(const Modeling<T>& modeling, std::vector<double> frequencies, index_t every = 0);

    std::string label() const { return "U"; }
    const std::vector<double>& frequencies() const { return frequencies_; }
    /// Steps from one that is summed to the next.
    index_t every() const;

    void forward(const DistributedArray<T>& q, DistributedArray<T>& u) const;
    void adjoint(const DistributedArray<T>& u, DistributedArray<T>& q) const;

 private:
    std::shared_ptr<const wave::ShotSetup<T>> setup_;
    std::vector<double> frequencies_;
    std::shared_ptr<const wave::HistoryPlan> plan_;
    std::shared_ptr<const wave::PlacedPoints> receiver_;  ///< its fields, no points
    /// What a rank drives of a shot that ranks share: more than it reads. Alone: null.
    std::shared_ptr<const Halo<T>> filled_;
};

template <Scalar T> Spectra(Modeling<T>, std::vector<double>, index_t) -> Spectra<T>;
template <Scalar T> Spectra(Modeling<T>, std::vector<double>) -> Spectra<T>;

}  // namespace lop
