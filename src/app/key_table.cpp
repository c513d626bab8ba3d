/// The rows of the table of keys.
#include "keys.hpp"

namespace lop::app {
namespace {

template <auto Group, auto Member> auto& at(Job& job) { return job.*Group.*Member; }

/// A key in the making.
struct Row {
    Key key;
    Row(const char* name, Access access, const char* words)
        : key{.section = {}, .name = name, .access = access, .words = words} {}
    /// A number of this quantity, whose default is shown in `unit`.
    Row in(Quantity quantity, const char* unit) const {
        return with([&](Key& k) { k.quantity = quantity, k.unit = unit; });
    }
    Row one_of(std::vector<std::string> choices) const {
        return with([&](Key& k) { k.choices = std::move(choices); });
    }
    Row positive() const {
        return with([](Key& k) { k.limit = Limit::positive; });
    }
    Row not_negative() const {
        return with([](Key& k) { k.limit = Limit::not_negative; });
    }
    /// What an unset value stands for.
    Row otherwise(const char* words) const {
        return with([&](Key& k) { k.fallback = words; });
    }

 private:
    template <class Change> Row with(const Change& change) const {
        Row other = *this;
        change(other.key);
        return other;
    }
};

using Rows = std::vector<Row>;

Rows general() {
    return {
        Row{"title", &at<&Job::general, &Job::General::title>,
            "A name for people, written to the results."},
        Row{"precision", &at<&Job::general, &Job::General::precision>,
            "Of fields, data and images."}
            .one_of({"single", "double"}),
    };
}

Rows model_rows() {
    using M = Job::Medium;
    constexpr auto group = &Job::model;
    return {
        Row{"kind", &at<group, &M::kind>,
            "The built-in section (layers, a fault, a lens), a file, or a velocity that grows with "
            "depth below the water."}
            .one_of({"synthetic", "file", "gradient"}),
        Row{"file", &at<group, &M::file>,
            "HDF5 (.h5, .hdf5), SEG-Y (.segy, .sgy) or, under any other name, raw binary."},
        Row{"dataset", &at<group, &M::dataset>, "HDF5: the dataset."}.otherwise("m"),
        Row{"unit", &at<group, &M::unit>,
            "Of the values in the file: m/s, km/s, ft/s, s2/m2 or s2/km2."}
            .otherwise("the file's own"),
        Row{"axes", &at<group, &M::axes>,
            "Of the array in the file, slowest first: xz, zx, xyz, ..."}
            .otherwise("z fastest"),
        Row{"shape", &at<group, &M::shape>,
            "Points along the axes: of a raw file in the order of `axes`, of a built-in model x, "
            "(y,) z."}
            .positive()
            .otherwise("the file's; built in: [300, 150]"),
        Row{"scalar", &at<group, &M::scalar>, "Raw: the numbers in the file."}.one_of(
            {"float32", "float64"}),
        Row{"byte_order", &at<group, &M::byte_order>, "Raw: of the numbers in the file."}.one_of(
            {"little", "big"}),
        Row{"spacing", &at<group, &M::spacing>,
            "Between points along x, (y,) z; one for all axes is enough."}
            .in(Quantity::length, "m")
            .positive()
            .otherwise("the file's; built in: \"10 m\""),
        Row{"origin", &at<group, &M::origin>, "Of the first point along x, (y,) z."}
            .in(Quantity::length, "m")
            .otherwise("the file's; else 0"),
        Row{"every", &at<group, &M::every>,
            "Keep every so many points of the file along each axis."}
            .positive(),
        Row{"water_depth", &at<group, &M::water_depth>,
            "Of the sea floor: above it background and image stay clear, and built-in models hold "
            "water of 1500 m/s."}
            .in(Quantity::length, "m")
            .not_negative(),
        Row{"velocity", &at<group, &M::velocity>, "Gradient: at the sea floor."}
            .in(Quantity::velocity, "m/s")
            .positive(),
        Row{"gradient", &at<group, &M::gradient>,
            "Gradient: growth of the velocity with depth, in (m/s)/m."},
    };
}

Rows background_rows() {
    using B = Job::Background;
    constexpr auto group = &Job::background;
    return {
        Row{"kind", &at<group, &B::kind>,
            "The medium that is migrated in: the model smoothed, a file, or the model as it is."}
            .one_of({"smooth", "file", "same"}),
        Row{"length", &at<group, &B::length>,
            "Smooth: standard deviation of the Gaussian that smooths the slowness."}
            .in(Quantity::length, "m")
            .not_negative(),
        Row{"file", &at<group, &B::file>, "File: as model.file."}.otherwise("model.file"),
        Row{"dataset", &at<group, &B::dataset>, "File: the dataset of HDF5."}.otherwise("m0"),
        Row{"unit", &at<group, &B::unit>, "File: of its values."}.otherwise("model.unit"),
    };
}

Rows record_rows() {
    using R = Job::Records;
    constexpr auto group = &Job::records;
    return {
        Row{"kind", &at<group, &R::kind>,
            "The data: modelled in the model, by Born modelling of model minus background, or read "
            "from a file."}
            .one_of({"modelled", "born", "file"}),
        Row{"file", &at<group, &R::file>,
            "SEG-Y, or HDF5 written by `lop model`; sources, receivers and times are the file's."},
        Row{"group", &at<group, &R::group>, "HDF5: the group that holds the records."},
        Row{"elevation", &at<group, &R::elevation>,
            "SEG-Y: whether elevations of receivers point up (the standard) or hold depths."}
            .one_of({"up", "down"}),
        Row{"length_unit", &at<group, &R::length_unit>,
            "SEG-Y: of its coordinates (m or ft), where the header is silent or wrong."}
            .otherwise("the file's own"),
        Row{"byte_order", &at<group, &R::byte_order>, "SEG-Y: of its numbers."}
            .one_of({"big", "little"})
            .otherwise("the file's own"),
        Row{"format", &at<group, &R::format>, "SEG-Y: of its samples."}
            .one_of({"ibm_float", "ieee_float", "ieee_double", "int32", "int16", "int8"})
            .otherwise("the file's own"),
        Row{"samples", &at<group, &R::samples>, "SEG-Y: of a trace."}.positive().otherwise(
            "the file's own"),
        Row{"interval", &at<group, &R::interval>, "SEG-Y: between samples."}
            .in(Quantity::time, "ms")
            .positive()
            .otherwise("the file's own"),
        Row{"accept_truncated", &at<group, &R::accept_truncated>,
            "SEG-Y: read the whole traces of a file that is cut short."},
        Row{"accept_geographic", &at<group, &R::accept_geographic>,
            "SEG-Y: read degrees or seconds of arc as if they were lengths."},
        Row{"time_shift", &at<group, &R::time_shift>,
            "Added to the times of the file, where its zero is not that of the wavelet."}
            .in(Quantity::time, "ms"),
        Row{"subtract", &at<group, &R::subtract>,
            "Migrate the data less what the background predicts; false: the data as they are."},
    };
}

Rows source_rows() {
    using S = Job::Sources;
    constexpr auto group = &Job::sources;
    return {
        Row{"first", &at<group, &S::first>, "First source: [x, z], or [x, y, z]."}
            .in(Quantity::length, "m")
            .otherwise("left edge, 10 m deep"),
        Row{"last", &at<group, &S::last>, "Last source."}
            .in(Quantity::length, "m")
            .otherwise("right edge, 10 m deep"),
        Row{"count", &at<group, &S::count>,
            "Shots, evenly spaced from the first to the last source."}
            .positive(),
    };
}

Rows receiver_rows() {
    using R = Job::Receivers;
    constexpr auto group = &Job::receivers;
    return {
        Row{"spread", &at<group, &R::spread>,
            "Fixed: the same for all shots. Moving: first and last x count from the source, and "
            "only receivers inside the model are kept."}
            .one_of({"fixed", "moving"}),
        Row{"first", &at<group, &R::first>, "First receiver: [x, z], or [x, y, z]."}
            .in(Quantity::length, "m")
            .otherwise("left edge, 10 m deep"),
        Row{"last", &at<group, &R::last>, "Last receiver."}
            .in(Quantity::length, "m")
            .otherwise("right edge, 10 m deep"),
        Row{"count", &at<group, &R::count>, "Receivers of a shot, evenly spaced."}.positive(),
    };
}

Rows time_rows() {
    return {
        Row{"samples", &at<&Job::time, &Job::Time::samples>, "Samples of a trace."}.positive(),
        Row{"interval", &at<&Job::time, &Job::Time::interval>, "Between samples."}
            .in(Quantity::time, "ms")
            .positive(),
    };
}

Rows wavelet_rows() {
    return {
        Row{"frequency", &at<&Job::wavelet, &Job::Source::frequency>,
            "Peak frequency of the Ricker wavelet."}
            .in(Quantity::frequency, "Hz")
            .positive(),
        Row{"delay", &at<&Job::wavelet, &Job::Source::delay>, "Time of its peak."}
            .in(Quantity::time, "ms")
            .not_negative()
            .otherwise("1.5 / frequency"),
    };
}

Rows propagation_rows() {
    using P = Job::Propagation;
    constexpr auto group = &Job::propagation;
    return {
        Row{"space_order", &at<group, &P::space_order>,
            "Order of the differences in space: 2, 4, ... 16."}
            .positive(),
        Row{"layer_cells", &at<group, &P::layer_cells>,
            "Thickness of the absorbing layer around the model, in cells."}
            .not_negative(),
        Row{"layer_reflection", &at<group, &P::layer_reflection>,
            "What the layer sends back at normal incidence."}
            .positive(),
        Row{"layer_frequency", &at<group, &P::layer_frequency>, "That the layer is tuned to."}
            .in(Quantity::frequency, "Hz")
            .positive()
            .otherwise("wavelet.frequency"),
        Row{"free_surface", &at<group, &P::free_surface>,
            "Whether the first row reflects like the sea surface; else it absorbs."},
        Row{"courant", &at<group, &P::courant>,
            "Share of the stability limit that a derived time step may use."}
            .positive(),
        Row{"time_step", &at<group, &P::time_step>, "Of the propagation."}
            .in(Quantity::time, "ms")
            .positive()
            .otherwise("from the stability limit"),
        Row{"interpolation", &at<group, &P::interpolation>,
            "How points between grid points are driven and read."}
            .one_of({"sinc", "linear"}),
        Row{"dispersion_limit", &at<group, &P::dispersion_limit>,
            "Largest relative error of the phase velocity that is accepted."}
            .positive(),
        Row{"history_every", &at<group, &P::history_every>,
            "Steps between those of the forward field that are kept for the image; 1: all."}
            .positive()
            .otherwise("as the wavelet's band allows"),
        Row{"history_memory", &at<group, &P::history_memory>,
            "Memory in MB for those of one shot. Where they do not fit, parts of the forward run "
            "are computed again from checkpoints, to the same bits."}
            .positive()
            .otherwise("as much as they take"),
        Row{"history_folder", &at<group, &P::history_folder>,
            "With history_memory: where checkpoints are kept, on a disk; else they are part of it."}
            .otherwise("in memory"),
        Row{"history_storage", &at<group, &P::history_storage>,
            "half: each step in 16 bits, within 2^-15 of the largest of every 64 values. Migration "
            "stays exactly adjoint to Born modelling, which takes the same values."}
            .one_of({"full", "half"}),
        Row{"history_frequencies", &at<group, &P::history_frequencies>,
            "The image at these alone, ascending: sums over time, two frames each, are kept "
            "instead "
            "of steps."}
            .in(Quantity::frequency, "Hz")
            .positive()
            .otherwise("steps are kept"),
        Row{"history_reversal", &at<group, &P::history_reversal>,
            "Keep a belt of the field instead of steps, and run it backwards inside: a forward run "
            "more, and nothing of the image beside the layers."},
    };
}

Rows snapshot_rows() {
    using S = Job::Snapshots;
    constexpr auto group = &Job::snapshots;
    return {
        Row{"file", &at<group, &S::file>,
            "HDF5 (.h5) in the folder of results, with an XDMF file for ParaView beside it; where "
            "there is none, no snapshots are kept."},
        Row{"quantity", &at<group, &S::quantity>, "As the wave equation names it."}.otherwise(
            "pressure"),
        Row{"every", &at<group, &S::every>,
            "Steps of the propagation from one snapshot to the next."}
            .positive(),
        Row{"shot", &at<group, &S::shot>, "Whose wavefield it is, counted from 0."}.not_negative(),
        Row{"stride", &at<group, &S::stride>,
            "Keep every so many points of the model along x, (y,) z; one for all axes is enough."}
            .positive()
            .otherwise("every point"),
    };
}

Rows preconditioning_rows() {
    using W = Job::Preconditioning;
    constexpr auto group = &Job::preconditioning;
    return {
        Row{"data_mute", &at<group, &W::data_mute>, "Mute the direct wave in the data."},
        Row{"mute_velocity", &at<group, &W::mute_velocity>, "Of the direct wave."}
            .in(Quantity::velocity, "m/s")
            .positive(),
        Row{"mute_delay", &at<group, &W::mute_delay>,
            "Data are zero until the direct wave's arrival plus this."}
            .in(Quantity::time, "ms"),
        Row{"mute_taper", &at<group, &W::mute_taper>,
            "Over which the data rise to their full size."}
            .in(Quantity::time, "ms")
            .not_negative(),
        Row{"top_mute", &at<group, &W::top_mute>,
            "Keep the image clear of the water (model.water_depth)."},
        Row{"top_taper", &at<group, &W::top_taper>,
            "Below the sea floor, over which the image rises to its full size."}
            .in(Quantity::length, "m")
            .not_negative(),
        Row{"depth_power", &at<group, &W::depth_power>,
            "The image is weighted by the depth to this power, against the decay with depth; 0: "
            "not."}
            .not_negative(),
    };
}

Rows inversion_rows() {
    using I = Job::Inversion;
    constexpr auto group = &Job::inversion;
    return {
        Row{"solver", &at<group, &I::solver>, "Of least-squares migration."}.one_of(
            {"lsqr", "cgls", "steepest_descent"}),
        Row{"iterations", &at<group, &I::iterations>, "At most."}.positive(),
        Row{"damping", &at<group, &I::damping>,
            "Minimise |A x - b|^2 + damping^2 |x|^2; in the unit of |A|."}
            .not_negative(),
    };
}

Rows output_rows() {
    using O = Job::Output;
    constexpr auto group = &Job::output;
    return {
        Row{"folder", &at<group, &O::folder>,
            "Of the results, from the current folder; made if absent."}
            .otherwise("results/NAME for NAME.toml"),
        Row{"records", &at<group, &O::records>, "Shot records as a file: segy or hdf5."}
            .one_of({"none", "segy", "hdf5"})
            .otherwise("segy for lop model, else none"),
        Row{"pictures", &at<group, &O::pictures>, "Draw PNG pictures."},
    };
}

}  // namespace

const std::vector<Key>& keys() {
    static const std::vector<Key> table = [] {
        std::vector<Key> all;
        const auto section = [&](const char* name, const Rows& rows) {
            for (const Row& row : rows) {
                all.push_back(row.key);
                all.back().section = name;
            }
        };
        section("", general());
        section("model", model_rows());
        section("background", background_rows());
        section("records", record_rows());
        section("sources", source_rows());
        section("receivers", receiver_rows());
        section("time", time_rows());
        section("wavelet", wavelet_rows());
        section("propagation", propagation_rows());
        section("snapshots", snapshot_rows());
        section("preconditioning", preconditioning_rows());
        section("inversion", inversion_rows());
        section("output", output_rows());
        return all;
    }();
    return table;
}

const std::vector<Section>& sections() {
    static const std::vector<Section> table{
        {"", "Above the first section."},
        {"model", "The medium that data are modelled in."},
        {"background", "The smooth medium that is migrated in."},
        {"records", "Where the data come from."},
        {"sources", "A line of shots; unused where records are read."},
        {"receivers", "A line of receivers; unused where records are read."},
        {"time", "The time axis of the data; unused where records are read."},
        {"wavelet", "What the sources emit: a Ricker wavelet."},
        {"propagation", "How the wave equation is solved."},
        {"snapshots", "Of the wavefield of one shot, kept by lop model."},
        {"preconditioning", "Weights of data and image."},
        {"inversion", "The solver of lop lsrtm."},
        {"output", "What is written, and where."},
    };
    return table;
}

}  // namespace lop::app
