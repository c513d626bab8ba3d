/// Arrays of one shape side by side in one picture.
#pragma once

#include <lop/core/array.hpp>
#include <lop/io/picture.hpp>

#include <limits>
#include <string>
#include <vector>

/// Draws panels [columns x rows], a gap between them, into the current folder.
inline void draw_panels(const std::string& file, const std::vector<lop::Array<double>>& panels,
                        lop::io::PictureSpec spec) {
    const lop::index_t rows = panels[0].shape()[1];
    const lop::index_t gap = panels[0].shape()[0] / 16 + 1;
    std::vector<double> all;
    for (const auto& panel : panels) {
        if (!all.empty())
            all.insert(all.end(), static_cast<std::size_t>(gap * rows),
                       std::numeric_limits<double>::quiet_NaN());
        all.insert(all.end(), panel.begin(), panel.end());
    }
    const auto columns = static_cast<lop::index_t>(all.size()) / rows;
    spec.width = 640;
    lop::io::write_picture(file, all.data(), columns, rows, spec);
}
