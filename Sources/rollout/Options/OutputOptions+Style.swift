import Foundation
import RolloutEngine

extension OutputOptions {
    /// How screens look here. `--json` and pipes have no colour; a terminal that does not speak UTF-8 gets ASCII.
    var style: Style {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(Environment.value).first ?? "C.UTF-8"
        let speaksUTF8 = locale.lowercased().contains("utf")
        return Style(color: usesColour && Environment.value("TERM") != "dumb", ascii: ascii || !speaksUTF8)
    }

    /// How a rollout is followed here. What `-v` says would tear a screen that is redrawn in place.
    var viewMode: RolloutView.Mode { json ? .json : Terminal.isLive && verbose == 0 ? .live : .lines }
}
