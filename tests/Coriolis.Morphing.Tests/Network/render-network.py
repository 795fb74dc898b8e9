"""Writes one network configuration in every style, as cloud-init does for each distribution: render-network.py FOLDER < CONFIG."""
import importlib
import sys

import yaml
from cloudinit.net.network_state import parse_net_config_data

STYLES = {
    "netplan": ("netplan", "debian"),
    "ifupdown": ("eni", "debian"),
    "alpine": ("eni", "alpine"),
    "ifcfg": ("sysconfig", "rhel"),
    "wicked": ("sysconfig", "opensuse"),
    "networkd": ("networkd", "photon"),
    "networkmanager": ("network_manager", "fedora"),
}

folder, config = sys.argv[1], yaml.safe_load(sys.stdin)
for name, (style, distribution) in STYLES.items():
    options = dict(importlib.import_module("cloudinit.distros." + distribution).Distro.renderer_configs.get(style) or {})
    # netplan is not to be run yet, and its path is to be below the folder.
    options.pop("postcmds", None)
    options = {key: value.lstrip("/") if key.endswith("_path") else value for key, value in options.items()}
    renderer = importlib.import_module("cloudinit.net." + style).Renderer(options or None)
    renderer.render_network_state(parse_net_config_data(config, renderer=renderer), target=f"{folder}/{name}")
