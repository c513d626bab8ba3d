/// Pictures as gnuplot scripts: text commands with the samples inline.
#include "picture_plot.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>

namespace lop::io {
namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, args...);
    return text;
}

/// A text as gnuplot takes it literally: between single quotes nothing is substituted. An
/// apostrophe in it becomes a typographic one, since gnuplot misreads a doubled quote at the
/// beginning of a text.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text)
        if (c == '\'') out += "\xE2\x80\x99";
        else out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    return out + "'";
}

std::string hex(const Color& color) {
    return format("'#%02x%02x%02x'", color.red, color.green, color.blue);
}

/// Terminal, margins and the looks that all pictures share.
std::string opening(const Frame& frame, const std::string& title) {
    const double width = frame.width;
    const double height = frame.height;
    std::string text = format(
        "if (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) set terminal pngcairo size %d,%d "
        "enhanced font 'DejaVu Sans,12' background '#ffffff'; "
        "else set terminal png size %d,%d enhanced\n",
        frame.width, frame.height, frame.width, frame.height);
    text += "set encoding utf8\n";
    text += format("set lmargin at screen %.8f\nset rmargin at screen %.8f\n", frame.left / width,
                   (frame.left + frame.plot_width) / width);
    text += format("set tmargin at screen %.8f\nset bmargin at screen %.8f\n",
                   1.0 - frame.top / height, 1.0 - (frame.top + frame.plot_height) / height);
    text += "set format x '%h'\nset format y '%h'\nset format cb '%h'\n";
    text += "set border 15 linecolor rgb '#303030' linewidth 1\n";
    text += "set tics out nomirror textcolor rgb '#202020'\nset mxtics 2\n";
    if (!title.empty())
        text += "set title " + quoted(title) + " font ',14' offset 0,-0.2 noenhanced\n";
    return text;
}

std::string axis(const std::string& name, const Scale& scale, const std::string& offset) {
    std::string text =
        "set " + name + "range [" + format("%.10g:%.10g", scale.low, scale.high) + "]\n";
    if (!scale.label.empty()) {
        text +=
            "set " + name + "label " + quoted(scale.label) + " offset " + offset + " noenhanced\n";
    }
    return text;
}

std::string named_ticks(const std::string& name, const std::vector<Tick>& ticks) {
    std::string text = "set " + name + "tics (";
    for (std::size_t i = 0; i < ticks.size(); ++i)
        text += (i > 0 ? ", " : "") + quoted(ticks[i].label) + format(" %.12g", ticks[i].value);
    return text + ")\n";
}

std::string palette(const std::vector<Color>& colors) {
    std::string text = "set palette defined (";
    for (std::size_t i = 0; i < colors.size(); ++i)
        text += (i > 0 ? "," : "") + std::to_string(i) + " " + hex(colors[i]);
    return text + ")\nset palette maxcolors 0\n";
}

}  // namespace

std::string gnuplot_script(const ImagePlot& plot) {
    const Frame& frame = plot.frame;
    const double width = frame.width;
    const double height = frame.height;
    std::string text = opening(frame, plot.title);
    text += axis("x", plot.x, "0,0.2");
    text += axis("y", {plot.z.high, plot.z.low, plot.z.label}, "0.5,0") + "set mytics 2\n";
    text += axis("cb", {plot.value.low, plot.value.high}, {}) + palette(plot.palette);
    if (!plot.value.label.empty()) {
        text +=
            "set label 1 " + quoted(plot.value.label) +
            format(" at screen %.8f,%.8f center rotate by 90 noenhanced\n", 1.0 - bar_label / width,
                   1.0 - (frame.top + 0.5 * frame.plot_height) / height);
    }
    text += format("set colorbox user origin screen %.8f,%.8f size screen %.8f,%.8f\n",
                   (frame.left + frame.plot_width + bar_gap) / width,
                   1.0 - (frame.top + frame.plot_height) / height, bar_width / width,
                   frame.plot_height / height);
    text +=
        "set object 1 rectangle from graph 0,0 to graph 1,1 behind fillstyle solid noborder "
        "fillcolor rgb " +
        hex(no_value) + "\n";
    const double dx = (plot.x.high - plot.x.low) / frame.plot_width;
    const double dz = (plot.z.high - plot.z.low) / frame.plot_height;
    text += format(
        "plot '-' binary array=(%d,%d) format='%%float' origin=(%.12g,%.12g) "
        "dx=%.12g dy=%.12g with image notitle\n",
        frame.plot_width, frame.plot_height, plot.x.low + 0.5 * dx, plot.z.low + 0.5 * dz, dx, dz);
    const std::size_t bytes = plot.pixels.size() * sizeof(float);
    text.append(reinterpret_cast<const char*>(plot.pixels.data()), bytes);
    return text;
}

std::string gnuplot_script(const CurvePlot& plot) {
    std::string text = opening(plot.frame, plot.title);
    text += axis("x", plot.x, "0,0.2") + axis("y", plot.y, "0.5,0");
    if (plot.whole_x) {
        const int most = plot.frame.plot_width / 80;
        text +=
            "unset mxtics\n" + named_ticks("x", linear_ticks(plot.x.low, plot.x.high, most, 1.0));
    }
    text += "set grid xtics ytics linetype 1 linecolor rgb '#e2e2e2' linewidth 1\n";
    text += "set key top right noenhanced samplen 2 spacing 1.2\n";
    if (plot.y.logarithmic) {
        const auto y_ticks =
            logarithmic_ticks(plot.y.low, plot.y.high, plot.frame.plot_height / 50);
        text += "set logscale y 10\n";
        if (spans_decades(plot.y)) text += "set format y '10^{%L}'\nset mytics 10\n";
        else text += "unset mytics\n" + named_ticks("y", y_ticks);
    }
    std::string drawn;
    for (std::size_t k = 0; k < plot.curves.size(); ++k) {
        const Curve& curve = plot.curves[k];
        text += "$curve" + std::to_string(k) + " << END_OF_CURVE\n";
        for (std::size_t i = 0; i < curve.x.size(); ++i) {
            const bool good = plot.drawable(curve, i);
            text += good ? format("%.12g %.12g\n", curve.x[i], curve.y[i]) : "\n";
        }
        text += "END_OF_CURVE\n";
        const std::string style =
            curve.x.size() <= most_points ? "linespoints pointtype 7 pointsize 0.7" : "lines";
        drawn += (k > 0 ? ", " : "plot ") + ("$curve" + std::to_string(k)) + " using 1:2 with " +
                 style + " linewidth 2 linecolor rgb " + hex(curve_color(k)) +
                 (curve.name.empty() ? " notitle" : " title " + quoted(curve.name));
    }
    return text + (drawn.empty() ? "plot NaN notitle" : drawn) + "\n";
}

}  // namespace lop::io
