"""Motion as data and the 2.5D mesh puppet that performs it.

Read in this order: ``channels`` (what can move), ``easing`` and ``tracks`` (how a value changes over the
loop), ``motion`` (the readable file), ``facespace``, ``expressions`` and ``rig`` (the mesh and how it
deforms), ``warp`` (pixels), ``eyes``, ``mouth``, ``glasses`` (what is drawn anew on every frame), ``puppet``.
"""
