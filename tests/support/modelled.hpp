/// Shots through the public modelling, with plain series on both sides.
#pragma once

#include "series.hpp"
#include <lop/operators/wave/modeling.hpp>

#include <algorithm>
#include <vector>

namespace modelled {

struct Shot {
    std::vector<lop::Point> sources;
    std::vector<series::Series> measures;  ///< one per source
    std::vector<lop::Point> receivers;
};

/// How points drive and are read.
struct Points {
    lop::ProjectionOptions sources{};
    lop::ProjectionOptions receivers{};
};

template <lop::Scalar T>
lop::Modeling<T> modeling(const lop::WaveMedium<T>& medium, const lop::PropagatorOptions& options,
                          const std::vector<Shot>& shots, const lop::TimeAxis& driven,
                          const lop::TimeAxis& recorded, const Points& points = {}) {
    const lop::Communicator self = lop::Communicator::self();
    std::vector<std::vector<lop::Point>> sources, receivers;
    for (const Shot& shot : shots) {
        sources.push_back(shot.sources);
        receivers.push_back(shot.receivers);
    }
    const lop::Projection<T> Ps{lop::Geometry{sources, driven, self}, points.sources};
    const lop::Projection<T> Pr{lop::Geometry{receivers, recorded, self}, points.receivers};
    return Pr * lop::Propagator<T>{medium, options} * Ps.H();
}

/// The measures of all sources, shot by shot.
template <lop::Scalar T>
lop::DistributedArray<T> sources(const lop::Modeling<T>& M, const std::vector<Shot>& shots) {
    auto q = M.domain().zeros();
    T* next = q.data();
    for (const Shot& shot : shots)
        for (const series::Series& s : shot.measures)
            next = std::transform(s.begin(), s.end(), next,
                                  [](double v) { return static_cast<T>(v); });
    REQUIRE(next == q.data() + q.size());
    return q;
}

template <lop::Scalar T> series::Traces traces(const lop::DistributedArray<T>& d) {
    const auto samples = d.shape()[1];
    series::Traces all;
    for (const T* at = d.data(); at != d.data() + d.size(); at += samples)
        all.emplace_back(at, at + samples);
    return all;
}

/// M applied to the measures of the shots: all traces, shot by shot.
template <lop::Scalar T>
series::Traces record(const lop::Modeling<T>& M, const std::vector<Shot>& shots) {
    return traces<T>(M * sources(M, shots));
}

/// Driven, propagated and recorded at the steps of one axis: nothing is resampled.
template <lop::Scalar T>
series::Traces record(const lop::WaveMedium<T>& medium, lop::PropagatorOptions options,
                      const std::vector<Shot>& shots, double dt, int steps,
                      const Points& points = {}) {
    options.time_step = dt;
    const lop::TimeAxis time{steps, dt};
    return record<T>(modeling<T>(medium, options, shots, time, time, points), shots);
}

}  // namespace modelled
