using System.Text;

namespace Coriolis.Aws.Emulator.Workers;

/// <summary>The latest of what a machine printed, as GetConsoleOutput shows it. Thread-safe.</summary>
internal sealed class MachineConsole
{
    // The EC2 user guide: the most recent 64 KB are kept.
    private const int MaxCharacters = 64 * 1024;

    private readonly StringBuilder _text = new();

    public void WriteLine(string line)
    {
        lock (_text)
        {
            _text.Append(line).Append("\r\n");
            if (_text.Length > MaxCharacters) _text.Remove(0, _text.Length - MaxCharacters);
        }
    }

    public override string ToString()
    {
        lock (_text)
        {
            return _text.ToString();
        }
    }
}
