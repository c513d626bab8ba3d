/// Staggered differences along an axis that ends in a free surface, in summation by parts.
#pragma once

#include <lop/operators/wave/program.hpp>

#include <cstddef>
#include <vector>

namespace lop::wave {

/// How the axis ends, at unit spacing. Whole rows i = 0, 1, .. lie at z = i, half rows at z = i + 1/2, the surface at
/// z = 0. With H the diagonal norms, what a row stands for (1 but for the first few), and Q the differences of whole
/// rows summed over half ones,
///
///     G = H-^-1 Q  from whole rows to half rows,        D = -H+^-1 Q'  from half rows to whole ones:
///
/// <D g, f>+ = -<g, G f>-  whatever f and g are, without a boundary term. For g that vanishes on the surface (shear
/// stress) D is a derivative in all rows, its row 0 included; for others (vertical velocity) in all but that one, which
/// belongs to what is held at zero there. Elastic waves then keep their energy in these norms exactly, in any medium
/// (the idea is that of O'Reilly, Lundquist, Dunham and Nordstroem 2017, J. Comput. Phys. 346; the closures are not).
///
/// Of order 2 the end is H+(0) = 1/2 alone, exact on z. Of order 4 and above G and D are exact on 1, z, .. z^p near the
/// surface, p = 2 for order 4 and 3 from 6 on, which makes waves of order p + 1. First come the shortest closures: of
/// order 4 on 4 half rows and 3 whole ones, which leaves nothing free, of order 6 on 6 and 5 rows, of two free numbers
/// those of the least error on z^4 and z^5. What is used is the nearest to these, in the least squares, on 6 rows of
/// both for order 4 and on 9 from 6 on, that has H+(0) = 0.34 or 0.31: with that the Rayleigh wave is best at 5 to 12
/// cells a wavelength, too fast by 4e-3 at 5 and by less than 4e-4 from 8 on (from order 6 on; vp/vs = 1.8).
/// No norm of G is larger than that of the inner difference, so the stability limit is the same (a test says so).
class SurfaceClosure {
 public:
    explicit SurfaceClosure(int radius);

    /// What a half row or a whole one stands for, in cells.
    double share(bool half, std::size_t row) const;

    /// A small dense matrix: row-major, without the zeros after its last row and column.
    struct Matrix {
        int rows = 0;
        int columns = 0;
        std::vector<double> values{};
        double operator()(int row, int column) const {
            return values[static_cast<std::size_t>(row * columns + column)];
        }
    };
    /// What has to be added to the inner difference of fields that are zero above the surface. Forward differences
    /// make half rows and backward ones whole rows; of a transposed program they are -D' and -G'. `is_pinned`: as if
    /// whole row 0 were not there.
    Matrix correction(Difference kind, bool is_transposed, bool is_pinned) const;

 private:
    int radius_;
    int size_;
    std::vector<double> half_;
    std::vector<double> whole_;
    std::vector<double> inner_;  ///< Q of the inner difference, size x size
    std::vector<double> q_;
};

}  // namespace lop::wave
