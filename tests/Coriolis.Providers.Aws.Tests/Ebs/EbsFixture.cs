using System.Diagnostics.Metrics;
using Amazon.Runtime;
using Coriolis.Providers.Aws.Ebs;
using Coriolis.Providers.Aws.Tests.Support;
using Coriolis.Providers.Aws.Throttling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Coriolis.Providers.Aws.Tests.Ebs;

/// <summary>A client before <see cref="InMemoryEbs"/>, by default with a clock on which back-off takes no time.</summary>
internal sealed class EbsFixture : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public EbsFixture(EbsClientOptions? options = null, AWSCredentials? credentials = null, FakeTimeProvider? time = null)
    {
        Time = time ?? new JumpingClock();
        options ??= new EbsClientOptions();
        LoggerFactory = Microsoft.Extensions.Logging.LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(Logs)));
        Throttle = new EbsThrottle(options.Rates, Time);
        var config = new EbsClientConfig { ServiceURL = "http://ebs.test", AuthenticationRegion = "eu-west-1" };
        Client = new EbsClient(
            credentials ?? new BasicAWSCredentials("AKIDEXAMPLE", "secret"),
            config,
            options,
            Throttle,
            new EbsInstruments(MeterFactory),
            Time,
            LoggerFactory.CreateLogger<EbsClient>(),
            new HttpClient(Service));
    }

    public InMemoryEbs Service { get; } = new();

    public FakeTimeProvider Time { get; }

    public EbsThrottle Throttle { get; }

    public EbsClient Client { get; }

    public FakeLogCollector Logs { get; } = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public ILoggerFactory LoggerFactory { get; }

    public IMeterFactory MeterFactory => _services.GetRequiredService<IMeterFactory>();

    public void Dispose()
    {
        Client.Dispose();
        LoggerFactory.Dispose();
        _services.Dispose();
    }
}
