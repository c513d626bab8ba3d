/// Shot records: checks of traces against geometries.
#include <lop/seismic/shot_records.hpp>

#include <lop/core/error.hpp>

namespace lop {

template <Scalar T>
ShotRecords<T>::ShotRecords(Geometry sources, Geometry receivers)
    : ShotRecords{sources, receivers, receivers.template space<T>().zeros()} {}

namespace {

template <Scalar T> void check_traces(const Geometry& geometry, const DistributedArray<T>& traces) {
    const auto space = geometry.space<T>();
    if (!space.contains(traces))
        throw SpaceError{"shot records from traces of another geometry",
                         {.expected = space.describe(), .found = traces.describe()}};
}

}  // namespace

template <Scalar T>
ShotRecords<T>::ShotRecords(Geometry sources, Geometry receivers, DistributedArray<T> traces)
    : DistributedArray<T>{std::move(traces)},
      sources_{std::move(sources)},
      receivers_{std::move(receivers)} {
    if (sources_.shot_count() != receivers_.shot_count() ||
        !(sources_.shares() == receivers_.shares()))
        throw GeometryError{
            "shot records from sources and receivers",
            {.expected = std::to_string(sources_.shot_count()) +
                         " shots, as the sources have, on the same ranks",
             .found = std::to_string(receivers_.shot_count()) + " shots of receivers"}};
    check_traces<T>(receivers_, *this);
}

template <Scalar T> ShotRecords<T>& ShotRecords<T>::operator=(DistributedArray<T> traces) {
    check_traces(receivers_, traces);
    DistributedArray<T>::operator=(std::move(traces));
    return *this;
}

template class ShotRecords<float>;
template class ShotRecords<double>;

}  // namespace lop
