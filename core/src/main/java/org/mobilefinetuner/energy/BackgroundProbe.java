package org.mobilefinetuner.energy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.metrics.DeviceReading;

/**
 * A probe that is read on a thread of its own, so that a sensor that is slow or hangs holds up
 * nobody: whoever reads gets the new reading if it comes in time, else the last one.
 */
public final class BackgroundProbe implements DeviceProbe, AutoCloseable {
  private static final long FIRST_MILLIS = 3000; // a probe may have to start something

  private final DeviceProbe probe;
  private final String name;
  private final long patienceMillis;
  private final long firstMillis;
  private final ExecutorService thread;
  private final List<String> complaints = new ArrayList<>();
  private DeviceReading last = DeviceReading.NOTHING;
  private @Nullable Future<DeviceReading> pending;
  private boolean asked;
  private boolean failed;

  /**
   * @param name of what is read, for complaints
   * @param patienceMillis how long a reading is waited for; the first one for longer
   */
  public BackgroundProbe(String name, DeviceProbe probe, long patienceMillis) {
    this(name, probe, patienceMillis, Math.max(FIRST_MILLIS, patienceMillis));
  }

  BackgroundProbe(String name, DeviceProbe probe, long patienceMillis, long firstMillis) {
    this.firstMillis = firstMillis;
    this.name = name;
    this.probe = probe;
    this.patienceMillis = patienceMillis;
    this.thread =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread daemon = new Thread(work, "sensors " + name);
              daemon.setDaemon(true);
              return daemon;
            });
  }

  @Override
  public synchronized DeviceReading read() {
    Future<DeviceReading> reading = pending;
    if (reading == null) {
      reading = thread.submit(this::readNow);
    }
    pending = reading;
    long millis = asked ? patienceMillis : firstMillis;
    asked = true;
    try {
      last = reading.get(millis, TimeUnit.MILLISECONDS);
      pending = null;
    } catch (TimeoutException e) {
      return last; // asked for again next time
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      pending = null;
      last = DeviceReading.NOTHING;
      if (!failed) {
        failed = true;
        complain(e);
      }
    }
    return last;
  }

  private void complain(ExecutionException e) {
    synchronized (complaints) {
      complaints.add(name + ": " + e.getCause());
    }
  }

  private DeviceReading readNow() {
    DeviceReading reading = probe.read();
    List<String> news = probe.complaints();
    synchronized (complaints) {
      complaints.addAll(news);
    }
    return reading;
  }

  @Override
  public List<Sensor> sensors() {
    try {
      return thread.submit(probe::sensors).get(2 * patienceMillis + 5000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } catch (ExecutionException | TimeoutException e) {
      return List.of(new Sensor("all", name, null, "no answer: " + e));
    }
  }

  @Override
  public List<String> complaints() {
    synchronized (complaints) {
      List<String> news = List.copyOf(complaints);
      complaints.clear();
      return news;
    }
  }

  /** Ends the thread, also where a sensor hangs. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
