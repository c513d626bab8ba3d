/// Demigration and migration by travel times: sums of diffractions, and the stack along them.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/core/grid.hpp>
#include <lop/operators/convolution.hpp>
#include <lop/operators/travel_times.hpp>

#include <optional>
#include <string>
#include <vector>

namespace lop {

template <Scalar T> struct KirchhoffOptions {
    std::vector<T> wavelet{};  ///< at the interval of the traces; empty: a unit spike
    index_t center = 0;        ///< the index of the wavelet's value at time zero
};

/// Traces of single scattering, every place x of the image m a diffractor (Schneider 1978):
///
///     d(s, r, t) = w(t) * sum_x a_s(x) a_r(x) m(x) delta(t - tau_s(x) - tau_r(x))
///
/// tau and a being the tables of source s and receiver r. What arrives between two samples is divided
/// linearly between them; what leaves the time axis is dropped. The sum has no factor for the volume
/// of a cell. The adjoint, the diffraction stack, correlates the traces with w and reads them at the
/// same places with the same weights:
///
///     m(x) = sum_s a_s(x) sum_r a_r(x) ((1 - u) c(s, r, j) + u c(s, r, j + 1)),
///     j + u = (tau_s(x) + tau_r(x) - start) / interval,   0 <= u < 1
///
/// domain: the image; range: traces[sources x receivers x samples]. Places are computed in T: in single
/// precision to 1e-7 of the sample's number.
/// Memory: the tables, one a source and one a receiver, which operators share; three times the traces.
/// Threads: pairs of source and receiver forward, places of the image adjoint; the bits do not depend
/// on how many there are.
/// Throws ArgumentError for tables of unlike images, time axes without samples or an interval that is
/// not positive, and a centre outside the wavelet.
template <Scalar T>
    requires(!is_complex<T>)
class Kirchhoff : public Operator<Kirchhoff<T>, ArraySpace<T>> {
 public:
    Kirchhoff(const TravelTimes<T>& sources, const TravelTimes<T>& receivers, const TimeAxis& time,
              const KirchhoffOptions<T>& options = {});
    std::string label() const { return "Kirchhoff"; }
    /// One operator a source, with the tables and the scratch memory of this one: the image to traces
    /// [receivers x samples]. vstack(shots()) is this operator, vstack(ranks, image, shots()) that of
    /// the sources of all ranks.
    std::vector<Kirchhoff> shots() const;
    void forward(const Array<T>& x, Array<T>& y) const;
    void adjoint(const Array<T>& y, Array<T>& x) const;

 private:
    Kirchhoff(const TravelTimes<T>& sources, const TravelTimes<T>& receivers, const TimeAxis& time,
              const KirchhoffOptions<T>& options, const Shape& traces);
    void demigrate(const T* image, T* sums) const;
    void migrate(const T* padded, T* image) const;

    /// From seconds to places in a trace, of which the first two catch what leaves the axis.
    struct Clock {
        T per_second, shift;
        T first, last;  // of the samples, with some slack for rounding
        T outside;      // the place of all that lies elsewhere
    };
    TravelTimes<T> sources_, receivers_;
    TimeAxis time_;
    KirchhoffOptions<T> options_;
    Clock clock_;
    std::optional<Convolution1D<T>> wavelet_;
    ArraySpace<T> sums_;  // [pairs x places x 2]
};

}  // namespace lop
