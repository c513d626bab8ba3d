/// What a job sets up: media, acquisition, data, and the operators between them.
#pragma once

#include "job.hpp"
#include "medium.hpp"
#include "tally.hpp"
#include <lop/operators/wave/modeling.hpp>
#include <lop/operators/weighting.hpp>
#include <lop/seismic/shot_records.hpp>
#include <lop/seismic/wavelet.hpp>

#include <memory>
#include <optional>
#include <string>

namespace lop::app {

/// Sources and receivers along the job's lines.
Acquisition lay_out(const Job& job, const Grid& grid);

/// Throws JobError: the data are zero.
[[noreturn]] void refuse_silence();

/// Shots, traces and time axis in a line.
std::string describe(const Acquisition& acquisition);

/// A job in one precision. The names are those of the mathematics:
///   M(m) models data in a medium, J is its Jacobian at the background for the source q,
///   Ml mutes data and Mr weights images, so that A = Ml J Mr and b = Ml (d - M(m0) q).
template <Scalar T> struct Problem {
    explicit Problem(const Job& job_);

    Job job;
    Model<T> model;
    Model<T> background;
    /// Observed traces where the job reads them; modelled ones are computed by observed().
    std::optional<ShotRecords<T>> read;
    Acquisition acquisition;
    Wavelet wavelet;
    DistributedArray<T> q;
    /// What the operators below add their propagations to.
    std::shared_ptr<Tally> tally = std::make_shared<Tally>();

    Modeling<T> modeling(const Model<T>& medium) const;
    Jacobian<T> jacobian(const Modeling<T>& M) const;
    Diagonal<DistributedSpace<T>> data_weights() const;   // Ml
    Diagonal<DistributedSpace<T>> image_weights() const;  // Mr
    /// model - background, in s2/m2.
    DistributedArray<T> reflectivity() const;
    /// Whether the job knows a medium that differs from the background.
    bool knows_reflectivity() const;

    /// The data d: read, or made as the job asks, which takes observed_cost() propagations.
    ShotRecords<T> observed() const;
    index_t observed_cost() const;
    /// The number of this rank's shots.
    index_t shots() const {
        return acquisition.receivers.last_shot() - acquisition.receivers.first_shot();
    }

 private:
    Problem(const Job& job_, const Model<double>& medium);
    Problem(const Job& job_, Model<T> model_, Model<T> background_,
            std::optional<ShotRecords<T>> read_);
};

extern template struct Problem<float>;
extern template struct Problem<double>;

}  // namespace lop::app
