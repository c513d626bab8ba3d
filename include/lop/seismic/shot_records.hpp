/// Shot records: traces with the geometry that they were recorded with.
#pragma once

#include <lop/seismic/geometry.hpp>

#include <utility>

namespace lop {

/// A vector of traces [all traces x samples], scattered over ranks by shot, that knows where its
/// sources and receivers are. It takes part in all vector arithmetic.
template <Scalar T = float> class ShotRecords : public DistributedArray<T> {
 public:
    /// Zero records. Throws GeometryError if the numbers or shares of shots differ.
    ShotRecords(Geometry sources, Geometry receivers);
    /// Given traces; throws SpaceError where they do not belong to the receivers' geometry.
    ShotRecords(Geometry sources, Geometry receivers, DistributedArray<T> traces);
    template <VectorExpression E> ShotRecords& operator=(const E& expression) {
        assign(*this, expression);
        return *this;
    }
    /// Other traces over the same geometry; throws SpaceError where they do not belong to it.
    ShotRecords& operator=(DistributedArray<T> traces);

    const Geometry& sources() const { return sources_; }
    const Geometry& receivers() const { return receivers_; }
    /// Both.
    Acquisition geometry() const { return {sources_, receivers_}; }

 private:
    Geometry sources_;
    Geometry receivers_;
};

}  // namespace lop
