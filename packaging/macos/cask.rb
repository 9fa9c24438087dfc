cask "g-copilot-proxy" do
  arch arm: "arm64", intel: "x86_64"

  version "@VERSION@"
  sha256 arm:   "@SHA256 macos-arm64.dmg@",
         intel: "@SHA256 macos-x86_64.dmg@"

  url "@REPOSITORY@/releases/download/v#{version}/g-copilot-proxy-#{version}-macos-#{arch}.dmg"
  name "g-copilot-proxy"
  desc "Your own GitHub Copilot subscription over the OpenAI and Anthropic APIs"
  homepage "@REPOSITORY@"

  depends_on macos: ">= :ventura"

  app "g-copilot-proxy.app"
  binary "#{appdir}/g-copilot-proxy.app/Contents/MacOS/g-copilot-proxy"

  uninstall launchctl: "io.github.g-copilot-proxy",
            quit:      "io.github.g-copilot-proxy"

  zap trash: [
    "~/Library/Application Support/g-copilot-proxy",
    "~/Library/LaunchAgents/io.github.g-copilot-proxy.plist",
    "~/Library/Logs/g-copilot-proxy",
  ]
end
