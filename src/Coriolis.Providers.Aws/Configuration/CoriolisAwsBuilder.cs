using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Coriolis.Providers.Aws;

/// <summary>Configures one registration of the AWS source provider.</summary>
/// <remarks>Later calls win over earlier ones. Thread safety: none; used while services are being registered.</remarks>
public sealed class CoriolisAwsBuilder
{
    /// <summary>The section of a Coriolis configuration file that belongs to this provider.</summary>
    public const string ConfigurationSectionName = "aws_migration_provider";

    internal CoriolisAwsBuilder(IServiceCollection services, string? name)
    {
        Services = services;
        Name = name;
    }

    /// <summary>The services that the provider is being added to.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The service key of the registration; <see langword="null"/> for the unnamed one.</summary>
    public string? Name { get; }

    /// <summary>Sets options in code.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>This builder.</returns>
    public CoriolisAwsBuilder Configure(Action<AwsSourceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(OptionsName, configure);
        return this;
    }

    /// <summary>Sets options from a configuration section, for example <c>[aws_migration_provider]</c> of a Coriolis file.</summary>
    /// <param name="section">The section itself. An unknown setting is an error when the options are validated.</param>
    /// <returns>This builder.</returns>
    public CoriolisAwsBuilder UseConfiguration(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Configure(options => AwsSourceSettings.Apply(options, section));
    }

    /// <summary>Sets options from the source environment JSON of a Coriolis transfer.</summary>
    /// <param name="json">The JSON object. An unknown setting is an error when the options are validated.</param>
    /// <returns>This builder.</returns>
    public CoriolisAwsBuilder UseSourceEnvironment(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Configure(options => AwsSourceSettings.ApplyJson(options, json));
    }

    /// <summary>Says where and as whom to call AWS.</summary>
    /// <remarks>Without it, registered AWS clients and <c>AWSOptions</c> are used, then the AWS SDK's usual chain.</remarks>
    /// <param name="connection">The connection.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">The connection contradicts itself; the message lists everything that is wrong.</exception>
    public CoriolisAwsBuilder UseConnection(AwsConnectionInfo connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var problems = AwsConnectionInfoReader.FindProblems(connection).ToList();
        if (problems.Count > 0)
        {
            throw new ArgumentException("Invalid connection info: " + string.Join(" ", problems), nameof(connection));
        }

        Services.AddKeyedSingleton(Name, connection);
        return this;
    }

    internal string OptionsName => Name ?? Microsoft.Extensions.Options.Options.DefaultName;
}
