"""AnimeGANv2 generator (Chen et al. 2020) with the tensor names of bryandlee/animegan2-pytorch."""
