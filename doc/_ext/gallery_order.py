"""The order of the gallery: from the first steps on."""

ORDER = (
    "plot_first_coclustering.py",
    "plot_places_and_years.py",
    "plot_documents.py",
    "plot_documents_and_words.py",
    "plot_coclus_and_spectral.py",
    "plot_number_of_coclusters.py",
    "plot_checkerboard.py",
    "plot_overlapping_groups.py",
    "plot_neo_case_study.py",
    "plot_max_norm_states.py",
    "plot_max_norm_wind_chill.py",
    "plot_max_norm_cost_curve.py",
    "plot_missing_values.py",
    "plot_pictures.py",
    "plot_features_for_classifiers.py",
    "plot_starts.py",
    "plot_engines.py",
    "plot_out_of_core.py",
    "plot_space_time_cube.py",
)


class InOrder:
    """Sort key of sphinx-gallery; further examples come last, by name."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, name):
        """Position of an example."""
        return (ORDER.index(name), "") if name in ORDER else (len(ORDER), name)

    def __repr__(self):
        """Name, for the configuration's hash."""
        return "InOrder"
